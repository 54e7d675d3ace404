using System.Text.Json;
using IdServer.Tokens.Registries;

namespace IdServer.Tests.Conformance;

/// <summary>An authorization request that was sent, and where the browser stopped.</summary>
public sealed record Attempt(IReadOnlyDictionary<string, string> Request, Visit Visit);

/// <summary>What a client has after a whole code flow; every part of it has passed the checks of <see cref="RelyingParty"/>.</summary>
public sealed record SignedIn(IReadOnlyDictionary<string, string> Request, string Code, JsonElement Tokens, JsonElement IdToken, JsonElement UserInfo)
{
    public string AccessToken => Tokens.Text(Parameters.AccessToken);

    public string IdTokenText => Tokens.Text(Parameters.IdToken);

    public string Subject => IdToken.Text(ClaimNames.Subject);

    public long AuthTime => IdToken.GetProperty(ClaimNames.AuthTime).GetInt64();
}
