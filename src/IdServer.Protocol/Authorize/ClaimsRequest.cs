using System.Text.Json;
using IdServer.Protocol.Users;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Authorize;

/// <summary>
/// The <c>claims</c> parameter (OIDC Core §5.5, requirement 12): which claims are wanted beyond those of the scopes, for userinfo and for the ID token apart.
/// Claims this server does not know are left out.
/// </summary>
public sealed record ClaimsRequest
{
    private ClaimsRequest()
    {
    }

    public required IReadOnlyList<string> UserInfo { get; init; }

    public required IReadOnlyList<string> IdToken { get; init; }

    private Dictionary<string, List<string>> WantedOfUserInfo { get; init; } = [];

    private Dictionary<string, List<string>> WantedOfIdToken { get; init; } = [];

    /// <summary>The user the client insists on (§5.5.1), or null.</summary>
    public required string? Subject { get; init; }

    /// <summary>The authentication context classes of which one is demanded (§5.5.1.1), or null when none is essential.</summary>
    public required IReadOnlyList<string>? EssentialAcr { get; init; }

    /// <summary>The authentication context classes that are asked for without being essential, or null.</summary>
    public required IReadOnlyList<string>? VoluntaryAcr { get; init; }

    /// <summary>Both lists together, each name once: what consent is asked for.</summary>
    public IReadOnlyList<string> All => [.. UserInfo.Union(IdToken, StringComparer.Ordinal)];

    /// <summary>What this person can be given: a claim that was asked for with a value (§5.5.1) is left out where theirs is another.</summary>
    public ClaimsRequest For(UserClaims user)
    {
        ArgumentNullException.ThrowIfNull(user);
        return WantedOfUserInfo.Count + WantedOfIdToken.Count == 0
            ? this
            : this with { UserInfo = Fitting(UserInfo, WantedOfUserInfo), IdToken = Fitting(IdToken, WantedOfIdToken) };

        IReadOnlyList<string> Fitting(IReadOnlyList<string> names, Dictionary<string, List<string>> wanted) =>
            [.. names.Where(name => !wanted.TryGetValue(name, out var values) || (user.TextOf(name) is { } text && values.Contains(text)))];
    }

    /// <returns>Null when there is nothing to read or it is not an object of the form OIDC Core §5.5 gives.</returns>
    public static ClaimsRequest? Parse(string? json)
    {
        if (json is null)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8 });
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || Members(root, "userinfo") is not { } userInfo || Members(root, "id_token") is not { } idToken)
            {
                return null;
            }

            var acr = Wanted(idToken, ClaimNames.Acr) is { Count: > 0 } values ? values : null;
            return new ClaimsRequest
            {
                UserInfo = Known(userInfo),
                IdToken = Known(idToken),
                WantedOfUserInfo = AllWanted(userInfo),
                WantedOfIdToken = AllWanted(idToken),
                Subject = Wanted(idToken, ClaimNames.Subject) is [var subject, ..] ? subject : null,
                EssentialAcr = IsEssential(idToken, ClaimNames.Acr) ? acr : null,
                VoluntaryAcr = IsEssential(idToken, ClaimNames.Acr) ? null : acr,
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // half a surrogate pair: JSON allows it, text does not
        {
            return null;
        }
    }

    // Each member is null or an object with essential, value, values; anything else is no claims request.
    private static Dictionary<string, JsonElement>? Members(JsonElement root, string name)
    {
        var members = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        if (!root.TryGetProperty(name, out var section) || section.ValueKind == JsonValueKind.Null)
        {
            return members;
        }

        if (section.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        foreach (var member in section.EnumerateObject())
        {
            if (member.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Object))
            {
                return null;
            }

            members[member.Name] = member.Value;
        }

        return members;
    }

    private static string[] Known(Dictionary<string, JsonElement> members) => [.. StandardClaims.All.Where(members.ContainsKey)];

    private static bool IsEssential(Dictionary<string, JsonElement> members, string claim) =>
        members.TryGetValue(claim, out var request) && request.ValueKind == JsonValueKind.Object && request.TryGetProperty("essential", out var essential) && essential.ValueKind == JsonValueKind.True;

    private static Dictionary<string, List<string>> AllWanted(Dictionary<string, JsonElement> members) =>
        Known(members).Select(name => (Name: name, Values: Wanted(members, name))).Where(w => w.Values.Count > 0).ToDictionary(w => w.Name, w => w.Values, StringComparer.Ordinal);

    private static List<string> Wanted(Dictionary<string, JsonElement> members, string claim)
    {
        var wanted = new List<string>();
        if (members.TryGetValue(claim, out var request) && request.ValueKind == JsonValueKind.Object)
        {
            if (request.TryGetProperty("value", out var value) && TextOf(value) is { } single)
            {
                wanted.Add(single);
            }

            if (request.TryGetProperty("values", out var values) && values.ValueKind == JsonValueKind.Array)
            {
                wanted.AddRange(values.EnumerateArray().Select(TextOf).OfType<string>());
            }
        }

        return wanted;
    }

    private static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True or JsonValueKind.False or JsonValueKind.Number => value.GetRawText(),
        _ => null,
    };
}
