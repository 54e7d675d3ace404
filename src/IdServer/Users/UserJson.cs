using System.Text.Json;
using IdServer.Data.Admin;
using IdServer.Tokens.Registries;

namespace IdServer.Users;

/// <summary>An account in a list, in the names of the claims.</summary>
internal static class UserJson
{
    public static void Write(UserSummary user, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        WriteMembers(user, writer);
        writer.WriteEndObject();
    }

    public static void WriteMembers(UserSummary user, Utf8JsonWriter writer)
    {
        writer.WriteString(ClaimNames.Subject, user.Id);
        writer.WriteString(ClaimNames.Username, user.Username);
        writer.WriteString(ClaimNames.Email, user.Email);
        if (user.Name is not null)
        {
            writer.WriteString(ClaimNames.Name, user.Name);
        }

        writer.WriteStartArray("roles");
        foreach (var role in user.Roles)
        {
            writer.WriteStringValue(role);
        }

        writer.WriteEndArray();
        writer.WriteBoolean("disabled", user.DisabledAt is not null);
    }
}
