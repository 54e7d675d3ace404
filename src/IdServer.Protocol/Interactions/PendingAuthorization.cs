using IdServer.Protocol.Clients;
using IdServer.Protocol.Scopes;

namespace IdServer.Protocol.Interactions;

/// <summary>An authorization request that waits for a person, as far as pages need to know it.</summary>
public sealed record PendingAuthorization
{
    public required Guid Id { get; init; }

    public required Client Client { get; init; }

    /// <summary>Where the answer will go; its host is shown to the person.</summary>
    public required string RedirectUri { get; init; }

    /// <summary>What the person is asked to allow.</summary>
    public required IReadOnlyList<Scope> Scopes { get; init; }

    /// <summary>Single claims asked beside the scopes (OIDC Core §5.5).</summary>
    public required IReadOnlyList<string> Claims { get; init; }

    public required string? LoginHint { get; init; }

    /// <summary>The provider that the application wants the person to sign in with, known here or not.</summary>
    public required string? IdpHint { get; init; }

    /// <summary>Whether signing in at another provider can satisfy the request: not when it demands another authentication context.</summary>
    public required bool AllowsFederation { get; init; }

    public required string? UiLocales { get; init; }

    /// <summary>Whether credentials have to be entered although somebody is signed in.</summary>
    public required bool ForcesLogin { get; init; }
}

/// <summary>A sign-out that waits for confirmation.</summary>
/// <param name="Client">The application that asked, when it is known.</param>
/// <param name="RedirectUrl">Where to go afterwards; null for the signed-out page.</param>
public sealed record PendingEndSession(Guid Id, Client? Client, string? UiLocales, string? RedirectUrl);
