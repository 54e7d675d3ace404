namespace IdServer.Configuration;

/// <summary>How the pages look and what they say, where that is not the product's own.</summary>
public sealed record BrandingSettings
{
    /// <summary>Whoever makes an account agrees to them.</summary>
    public string? TermsUrl { get; init; }

    public string? PrivacyUrl { get; init; }

    /// <summary>Full path of a picture.</summary>
    public string? Logo { get; init; }

    /// <summary>As in <c>#0a6354</c>; read well on white.</summary>
    public string? Accent { get; init; }

    /// <summary>Texts by language and key that come before those of the program.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Texts { get; init; } = new Dictionary<string, IReadOnlyDictionary<string, string>>();
}
