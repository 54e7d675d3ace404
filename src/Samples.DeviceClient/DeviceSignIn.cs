using System.Net.Http.Headers;
using System.Text.Json;

namespace Samples.DeviceClient;

/// <summary>Signs in without a browser on this machine (RFC 8628).</summary>
public sealed class DeviceSignIn(HttpClient http, TimeProvider time, TextWriter output)
{
    private const string GrantType = "urn:ietf:params:oauth:grant-type:device_code";

    /// <summary>Whether the terminal understands colours.</summary>
    public bool HasColours { get; init; }

    /// <returns>Whether somebody has signed in.</returns>
    public async Task<bool> RunAsync(string issuer, string clientId, string scope, CancellationToken ct)
    {
        var server = await SendAsync(new HttpRequestMessage(HttpMethod.Get, issuer + "/.well-known/openid-configuration"), ct);
        var device = await PostAsync(server.GetProperty("device_authorization_endpoint"), ct, ("client_id", clientId), ("scope", scope));
        if (device.TryGetProperty("error", out var refused))
        {
            await output.WriteLineAsync($"The server refused: {refused} {device.GetProperty("error_description")}");
            return false;
        }

        await output.WriteLineAsync($"On your phone or computer, open {device.GetProperty("verification_uri")} and enter the code");
        await output.WriteLineAsync();
        await output.WriteLineAsync($"    {device.GetProperty("user_code")}");
        await output.WriteLineAsync();
        await output.WriteLineAsync("or scan this, and compare the code that your phone shows:");
        await output.WriteLineAsync();
        await output.WriteLineAsync(QrText.Draw(device.GetProperty("verification_uri_complete").GetString()!, HasColours));

        if (await PollAsync(server.GetProperty("token_endpoint"), clientId, device, ct) is not { } tokens)
        {
            return false;
        }

        var question = new HttpRequestMessage(HttpMethod.Get, server.GetProperty("userinfo_endpoint").GetString());
        question.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens.GetProperty("access_token").GetString());
        var person = await SendAsync(question, ct);
        await output.WriteLineAsync($"Signed in as {(person.TryGetProperty("name", out var name) ? name : person.GetProperty("sub"))}.");
        return true;
    }

    // RFC 8628 §3.5: pending means ask again, slow_down means ask again more slowly, anything else is the end.
    private async Task<JsonElement?> PollAsync(JsonElement endpoint, string clientId, JsonElement device, CancellationToken ct)
    {
        var interval = TimeSpan.FromSeconds(device.TryGetProperty("interval", out var seconds) ? seconds.GetInt32() : 5);
        while (true)
        {
            await Task.Delay(interval, time, ct);
            var answer = await PostAsync(endpoint, ct, ("grant_type", GrantType), ("client_id", clientId), ("device_code", device.GetProperty("device_code").GetString()!));
            switch (answer.TryGetProperty("error", out var error) ? error.GetString() : null)
            {
                case null:
                    return answer;
                case "authorization_pending":
                    break;
                case "slow_down":
                    interval += TimeSpan.FromSeconds(5);
                    break;
                case "access_denied":
                    await output.WriteLineAsync("You did not allow it.");
                    return null;
                case "expired_token":
                    await output.WriteLineAsync("The code has expired: start again.");
                    return null;
                default:
                    await output.WriteLineAsync($"The server refused: {error} {answer.GetProperty("error_description")}");
                    return null;
            }
        }
    }

    private Task<JsonElement> PostAsync(JsonElement endpoint, CancellationToken ct, params (string Name, string Value)[] form) => SendAsync(
        new HttpRequestMessage(HttpMethod.Post, endpoint.GetString()) { Content = new FormUrlEncodedContent(form.Select(p => KeyValuePair.Create(p.Name, p.Value))) }, ct);

    private async Task<JsonElement> SendAsync(HttpRequestMessage request, CancellationToken ct)
    {
        using var response = await http.SendAsync(request, ct);
        return JsonElement.Parse(await response.Content.ReadAsByteArrayAsync(ct));
    }
}
