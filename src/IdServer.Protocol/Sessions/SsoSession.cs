using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Sessions;

/// <summary>A person signed in on one browser. Its <see cref="Id"/> is the <c>sid</c> of ID tokens (requirement 47).</summary>
public sealed record SsoSession
{
    public required Guid Id { get; init; }

    public required string Subject { get; init; }

    /// <summary>When the first factor was last proved: <c>auth_time</c>. A second factor that is added later does not make it younger.</summary>
    public required DateTimeOffset AuthTime { get; init; }

    /// <summary>RFC 8176 values, such as <c>pwd</c>.</summary>
    public required IReadOnlyList<string> Amr { get; init; }

    public required string Acr { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Kept by the store only: a session read from its cookie has none.</summary>
    public SessionOrigin? Origin { get; init; }

    /// <summary>Whether this sign-in is of an authentication context class, which need not be the one it is called by.</summary>
    public bool Satisfies(string acr) => acr == Acr || acr switch
    {
        AuthenticationContexts.Password => Acr == AuthenticationContexts.SeveralFactors,
        AuthenticationContexts.Federated => Amr.Contains(AuthenticationMethods.Federated),
        _ => false,
    };
}
