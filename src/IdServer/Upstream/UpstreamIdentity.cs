namespace IdServer.Upstream;

/// <summary>Who a provider says has signed in.</summary>
/// <param name="Subject">Unique for the provider's issuer, and never given to anybody else.</param>
/// <param name="Email">Null when the provider names none, or does not say that it is verified: such an address is nobody's.</param>
/// <param name="Login">A short name at the provider.</param>
public sealed record UpstreamIdentity(string Subject, string? Email, string? Name, string? GivenName, string? FamilyName, string? Login, string? Picture);
