using System.Text.Json;

namespace Samples.Demo;

/// <summary>What is printed when everything answers: addresses, people, and three commands to paste one after the other.</summary>
internal static class Announcement
{
    public static string Write(Places places, DemoAddress server, DemoAddress api, DemoAddress webClient)
    {
        var people = ReadPeople(Path.Combine(places.Root, "appsettings.Development.json"));
        var admin = people[0];
        return $$"""

            IdServer demo is running. Ctrl+C stops it; its data is in {{Path.GetRelativePath(places.Root, places.Data)}} and keys.

              {{server.Url}}      the server: sign in, register, discovery
              {{api.Url}}      an API that trusts it
              {{webClient.Url}}      a web application that signs in and calls the API
              {{webClient.Url}}/spa/ the same from the browser alone

            {{string.Join(Environment.NewLine, people.Select(person => $"  {person.Role,-8} {person.UserName} / {person.Password}"))}}

            Try it from another terminal:

              curl -s {{server.Url}}/.well-known/openid-configuration
              TOKEN=$(curl -s {{api.Url}}/auth/login -H 'Content-Type: application/json' -d '{"email":"{{admin.Email}}","password":"{{admin.Password}}"}' | sed 's/.*"access_token": *"\([^"]*\)".*/\1/')
              curl -s {{api.Url}}/api/perfil -H "Authorization: Bearer $TOKEN"

            """;
    }

    /// <summary>The people as they are declared for the server, so that this text cannot go stale.</summary>
    private static Person[] ReadPeople(string settingsFile)
    {
        using var settings = JsonDocument.Parse(File.ReadAllText(settingsFile), new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
        return [.. settings.RootElement.GetProperty("IdServer").GetProperty("Users").EnumerateArray().Select(user => new Person(
            user.GetProperty("username").GetString()!,
            user.GetProperty("email").GetString()!,
            user.GetProperty("password").GetString()!,
            user.GetProperty("roles")[0].GetString()!))];
    }

    private sealed record Person(string UserName, string Email, string Password, string Role);
}
