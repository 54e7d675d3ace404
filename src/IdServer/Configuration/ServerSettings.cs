using System.Collections.Frozen;
using System.Net;
using IdServer.Data;
using IdServer.Data.Audit;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Options;
using IdServer.Protocol.Scopes;
using IdServer.Upstream;
using IdServer.Users;

namespace IdServer.Configuration;

/// <summary>Everything the configuration says, with defaults applied and every rule checked: immutable, made once by <see cref="SettingsReader"/>.</summary>
public sealed record ServerSettings
{
    internal const string OwnName = "IdServer";

    internal const string OwnDatabase = "Data Source=idserver.db";

    /// <summary>What people read in page titles.</summary>
    public string ProductName { get; init; } = OwnName;

    public required ProtocolOptions Protocol { get; init; }

    public required DatabaseSettings Database { get; init; }

    public KeySettings Keys { get; init; } = new();

    /// <summary>The declared APIs and scopes, the standard ones and that of the users API included.</summary>
    public ScopeCatalog Scopes { get; init; } = new([], []);

    /// <summary>The declared clients; the database may hold more.</summary>
    public IReadOnlyList<ClientMetadata> Clients { get; init; } = [];

    /// <summary>The declared users; the database may hold more.</summary>
    public IReadOnlyList<DeclaredUser> Users { get; init; } = [];

    public RegistrationSettings Registration { get; init; } = new();

    /// <summary>Other providers that people may sign in with.</summary>
    public IReadOnlyList<UpstreamProvider> UpstreamProviders { get; init; } = [];

    public PasswordSettings Passwords { get; init; } = new();

    public RateLimitSettings RateLimits { get; init; } = new();

    public FetchingSettings Fetching { get; init; } = new([]);

    public AuditSettings Audit { get; init; } = new();

    public AccountSettings Accounts { get; init; } = new();

    /// <summary>Null: this server sends no mail.</summary>
    public MailSettings? Mail { get; init; }

    public BrandingSettings Branding { get; init; } = new();

    /// <summary>Reverse proxies whose X-Forwarded-For and X-Forwarded-Proto are believed; from anybody else those headers are ignored.</summary>
    public IReadOnlyList<IPNetwork> Proxies { get; init; } = [];

    /// <summary>The header in which proxies say the certificate of a client; null when they say none.</summary>
    public string? CertificateHeader { get; init; }

    /// <summary>The proxies whose header that is: who is believed in it can be any client that has a certificate.</summary>
    public IReadOnlyList<IPNetwork> CertificateProxies { get; init; } = [];
}

/// <summary>Where signing keys and Data Protection keys are kept.</summary>
/// <param name="Directory">Relative paths start at the content root. Not used when an encryption key is set.</param>
/// <param name="EncryptionKey">32 bytes: the keys are in the database, encrypted with it. Null: they are files in the directory.</param>
public sealed record KeySettings(string Directory = "keys", byte[]? EncryptionKey = null);

/// <summary>Whether strangers may make themselves an account, and the role it gets.</summary>
public sealed record RegistrationSettings(bool Enabled = true, string Role = "usuario");

/// <summary>What people may do with their own accounts.</summary>
public sealed record AccountSettings
{
    /// <summary>How long an account that its owner has deleted can still be kept by signing in.</summary>
    public TimeSpan DeletionDelay { get; init; } = TimeSpan.FromDays(14);
}

/// <summary>How passwords are stored.</summary>
/// <param name="Iterations">Of PBKDF2-HMAC-SHA512; 210,000 take about 85 ms of one core.</param>
public sealed record PasswordSettings(int Iterations = 210_000);

/// <summary>How many failures are free. Successes are not counted but where it says so.</summary>
/// <param name="TokenFailuresPerMinute">Failed requests at the token endpoint, per source address.</param>
/// <param name="SignInFailuresPerAccount">Wrong passwords for one account from one source before it has to wait.</param>
/// <param name="SignInFailuresPerSource">Wrong passwords from one source over all accounts, in ten minutes.</param>
/// <param name="RegistrationsPerHour">New accounts from one source address.</param>
/// <param name="UserCodeFailuresPerSource">Codes that no device shows, entered from one source, in ten minutes.</param>
/// <param name="DeviceCodesPerMinute">Device authorization requests from one source, failed or not.</param>
/// <param name="ClientRegistrationsPerHour">Requests to register a client from one source, failed or not.</param>
/// <param name="CodeFailuresPerAccount">Wrong codes of a second factor for one account from one source before it has to wait.</param>
/// <param name="RecoveriesPerHour">How often one source may ask for a mail because of a forgotten password.</param>
public sealed record RateLimitSettings(int TokenFailuresPerMinute = 60, int SignInFailuresPerAccount = 5, int SignInFailuresPerSource = 50, int RegistrationsPerHour = 20, int UserCodeFailuresPerSource = 20, int DeviceCodesPerMinute = 300, int ClientRegistrationsPerHour = 600, int CodeFailuresPerAccount = 5, int RecoveriesPerHour = 20);

/// <summary>The server that takes mail (RFC 6409).</summary>
/// <param name="From">The sender's address.</param>
/// <param name="FromName">The sender's name.</param>
/// <param name="StartTls">Whether nothing is sent without TLS (RFC 3207), by a certificate that the system trusts.</param>
/// <param name="Username">Null: without authentication.</param>
public sealed record MailSettings(string Host, string From, string FromName, int Port = 587, bool StartTls = true, string? Username = null, string? Password = null);

/// <summary>What the server may fetch from addresses that others have written.</summary>
public sealed record FetchingSettings
{
    /// <param name="allowedPrivateHosts">Each as host and port, such as <c>keys.internal:8443</c>.</param>
    public FetchingSettings(IEnumerable<string> allowedPrivateHosts) => AllowedPrivateHosts = allowedPrivateHosts.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>What may be reached although it is not public, on another port than 443, or by plain http. Dangerous: who may write addresses may have these asked.</summary>
    public FrozenSet<string> AllowedPrivateHosts { get; }
}
