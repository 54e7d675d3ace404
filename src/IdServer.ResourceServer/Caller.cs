using System.Security.Claims;
using System.Text.Json;
using IdServer.Tokens.AccessTokens;
using IdServer.Tokens.Registries;

namespace IdServer.ResourceServer;

/// <summary>The caller as ASP.NET Core knows it: claims under their own names, <c>sub</c> as the identity's name, every <c>rol</c> a role, every word of <c>scope</c> a claim. The authentication type is <c>DPoP</c> for a token that is bound to a key, else <c>Bearer</c>.</summary>
internal static class Caller
{
    /// <param name="sources">The token's claims first; a later source only adds what the earlier ones do not have.</param>
    public static ClaimsPrincipal From(ReadOnlySpan<JsonElement> sources)
    {
        var identity = new ClaimsIdentity(ConfirmationOf(sources)?.Key is null ? TokenTypes.Bearer : TokenTypes.DPoP, ClaimNames.Subject, ClaimNames.Rol);
        var known = new HashSet<string>(StringComparer.Ordinal) { ClaimNames.Active };
        foreach (var source in sources)
        {
            if (source.ValueKind != JsonValueKind.Object)
            {
                continue;
            }

            foreach (var member in source.EnumerateObject().Where(m => known.Add(m.Name)))
            {
                identity.AddClaims(Values(member).Select(v => new Claim(member.Name, v.Text, v.Type)));
            }
        }

        return new ClaimsPrincipal(identity);
    }

    /// <summary>What the token is bound to, whichever source says so; null for a bearer token.</summary>
    public static Confirmation? ConfirmationOf(ReadOnlySpan<JsonElement> sources)
    {
        foreach (var source in sources)
        {
            if (source.ValueKind == JsonValueKind.Object && Confirmation.Read(source) is { } bound)
            {
                return bound;
            }
        }

        return null;
    }

    private static IEnumerable<(string Text, string Type)> Values(JsonProperty member) => member.Value.ValueKind switch
    {
        JsonValueKind.Array => member.Value.EnumerateArray().Where(v => v.ValueKind != JsonValueKind.Null).Select(Value),
        JsonValueKind.Null => [],
        JsonValueKind.String when member.NameEquals(ClaimNames.Scope) => // RFC 9068 §2.2.3, RFC 6749 §3.3
            member.Value.GetString()!.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(scope => (scope, ClaimValueTypes.String)),
        _ => [Value(member.Value)],
    };

    private static (string Text, string Type) Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => (value.GetString()!, ClaimValueTypes.String),
        JsonValueKind.True => ("true", ClaimValueTypes.Boolean),
        JsonValueKind.False => ("false", ClaimValueTypes.Boolean),
        JsonValueKind.Number => (value.GetRawText(), value.TryGetInt64(out _) ? ClaimValueTypes.Integer64 : ClaimValueTypes.Double),
        _ => (value.GetRawText(), "JSON"),
    };
}
