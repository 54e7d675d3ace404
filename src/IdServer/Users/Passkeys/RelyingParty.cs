using IdServer.Protocol.Options;

namespace IdServer.Users.Passkeys;

/// <summary>What authenticators know this server as (WebAuthn Level 3 §4, Relying Party): the host of the issuer, and its origin exactly.</summary>
public sealed class RelyingParty
{
    public RelyingParty(ProtocolOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var issuer = new Uri(options.Issuer);
        Id = issuer.IdnHost;
        Origin = $"{issuer.Scheme}://{Id}{(issuer.IsDefaultPort ? "" : $":{issuer.Port}")}";
        IsPossible = issuer.HostNameType == UriHostNameType.Dns;
    }

    public string Id { get; }

    public string Origin { get; }

    /// <summary>False where the issuer is an address: browsers make passkeys for names only.</summary>
    public bool IsPossible { get; }
}
