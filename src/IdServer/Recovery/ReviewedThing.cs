namespace IdServer.Recovery;

/// <summary>One thing that opens an account, or did.</summary>
/// <param name="Key">What its store knows it by.</param>
/// <param name="Name">Empty when it has none, which a page puts into words.</param>
public sealed record ReviewedThing(ReviewedKind Kind, string Key, string Name, DateTimeOffset Since, DateTimeOffset? LastUsed = null)
{
    /// <summary>Of all kinds.</summary>
    public string Id => $"{Kind}:{Key}";

    /// <summary>The network address it was last used from, where that is known.</summary>
    public string? Address { get; init; }

    /// <summary>Whether it is what the person is using to look.</summary>
    public bool IsThis { get; init; }
}

/// <summary>In the order of a page.</summary>
public enum ReviewedKind
{
    Passkey,

    /// <summary>The app for codes; recovery codes go with it.</summary>
    Authenticator,

    /// <summary>At another provider.</summary>
    Login,
    Session,
    Device,

    /// <summary>An application with access.</summary>
    App,
}
