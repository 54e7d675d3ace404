using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Users;

/// <summary>Which claims a scope releases (OIDC Core §5.4).</summary>
public static class StandardClaims
{
    private static readonly string[] Profile =
    [
        ClaimNames.Name, ClaimNames.FamilyName, ClaimNames.GivenName, ClaimNames.MiddleName, ClaimNames.Nickname, ClaimNames.PreferredUsername, ClaimNames.Profile,
        ClaimNames.Picture, ClaimNames.Website, ClaimNames.Gender, ClaimNames.Birthdate, ClaimNames.ZoneInfo, ClaimNames.Locale, ClaimNames.UpdatedAt,
    ];

    private static readonly string[] Email = [ClaimNames.Email, ClaimNames.EmailVerified];
    private static readonly string[] Address = [ClaimNames.Address];
    private static readonly string[] Phone = [ClaimNames.PhoneNumber, ClaimNames.PhoneNumberVerified];

    /// <summary>Every claim about a person that this server can return, for discovery and the <c>claims</c> parameter.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Profile, .. Email, .. Address, .. Phone];

    public static IReadOnlyList<string> Of(string scope) => scope switch
    {
        ScopeNames.Profile => Profile,
        ScopeNames.Email => Email,
        ScopeNames.Address => Address,
        ScopeNames.Phone => Phone,
        _ => [],
    };
}
