using System.Net;
using IdServer.Data;
using IdServer.Data.Keys;
using IdServer.Tokens.Registries;
using IdServer.Users;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace IdServer.Configuration;

/// <summary>What the single values of section <c>IdServer</c> must satisfy: one sentence per fault.</summary>
internal static class ServerRules
{
    private const int Day = 86_400;
    private const int Year = 365 * Day;

    public static IEnumerable<string> Check(DeclaredServer server)
    {
        if (IssuerFault(server.Issuer) is { } issuerFault)
        {
            yield return $"IdServer: Issuer {issuerFault}";
        }

        if (server.ProductName is { Length: 0 or > 60 })
        {
            yield return "IdServer: ProductName is empty or longer than 60 characters: write the name people know this server by.";
        }

        if (server.PairwiseKey is not null && PairwiseKeyOf(server) is null)
        {
            yield return "IdServer: PairwiseKey is not 32 bytes in base64: write what \"openssl rand -base64 32\" prints, the same on every node and for ever.";
        }

        if (server.Database is { } database && DatabaseFault(database) is { } databaseFault)
        {
            yield return $"IdServer:Database: {databaseFault}";
        }

        if (server.Keys?.Source is { } source && !IsFiles(source) && !IsRows(source))
        {
            yield return $"IdServer:Keys: Source is \"{source}\": write \"Directory\" or \"Database\".";
        }

        if (IsRows(server.Keys?.Source) && EncryptionKeyOf(server.Keys) is null)
        {
            yield return $"IdServer:Keys: EncryptionKey is {(string.IsNullOrEmpty(server.Keys!.EncryptionKey) ? "missing" : "not 32 bytes in base64")}: "
                + "write what \"openssl rand -base64 32\" prints, best in the environment variable IdServer__Keys__EncryptionKey, the same on every node.";
        }

        if (server.Keys?.Directory is { Length: 0 })
        {
            yield return "IdServer:Keys: Directory is empty: write a folder that only the server's user can read, such as \"keys\".";
        }

        if (server.Tokens?.AccessTokenAlgorithm is { } algorithm && !Algorithms.IsSupported(algorithm))
        {
            yield return $"IdServer:Tokens: AccessTokenAlgorithm is \"{algorithm}\": write \"ES256\" or \"RS256\".";
        }

        if (server.Registration?.Role is { } role && !UserRules.IsRole(role))
        {
            yield return $"IdServer:Registration: Role is \"{role}\": write 1 to 50 letters, digits, hyphens, underscores or dots.";
        }

        if (RegistrationModeOf(server.ClientRegistration) is null)
        {
            yield return $"IdServer:ClientRegistration: Mode is \"{server.ClientRegistration!.Mode}\": write \"Closed\", \"InitialAccessToken\" or \"Open\".";
        }

        foreach (var host in (server.ClientIdMetadata?.AllowedHosts ?? []).Where(h => !IsHostOfAddress(h)))
        {
            yield return $"IdServer:ClientIdMetadata: AllowedHosts holds \"{host}\": write a host in small letters such as \"app.example.com\", with its port where that is not 443.";
        }

        foreach (var (member, value, least, most, unit) in Numbers(server))
        {
            if (value is { } number && (number < least || number > most))
            {
                yield return $"IdServer:{member} is {number}: write a number {unit}from {least} to {most}.";
            }
        }

        if (server.Keys is { Announcement: { } announcement } && announcement >= (server.Keys.Rotation ?? 90 * Day))
        {
            yield return "IdServer:Keys: Announcement is not shorter than Rotation: a new key has to be known before the old one is due, so write fewer seconds.";
        }

        foreach (var proxy in (server.Proxies ?? []).Where(p => !TryParseNetwork(p, out _)))
        {
            yield return $"IdServer:Proxies holds \"{proxy}\": write an IP address, or a network such as 10.0.0.0/8.";
        }

        foreach (var host in (server.Fetching?.AllowedPrivateHosts ?? []).Where(h => !IsHostAndPort(h)))
        {
            yield return $"IdServer:Fetching: AllowedPrivateHosts holds \"{host}\": write host and port, such as keys.internal:443.";
        }
    }

    public static bool TryParseNetwork(string text, out IPNetwork network)
    {
        if (IPNetwork.TryParse(text, out network))
        {
            return true;
        }

        if (!IPAddress.TryParse(text, out var address))
        {
            return false;
        }

        network = new IPNetwork(address, address.GetAddressBytes().Length * 8);
        return true;
    }

    /// <summary>The key the keys in the database are encrypted with; null when they are files, or when it is not what it must be.</summary>
    public static byte[]? EncryptionKeyOf(DeclaredKeys? keys) => IsRows(keys?.Source) ? Key(keys!.EncryptionKey) : null;

    /// <summary>The key pairwise subjects are made with; null when there is none, or when it is not what it must be.</summary>
    public static byte[]? PairwiseKeyOf(DeclaredServer server) => Key(server.PairwiseKey);

    // 32 bytes in base64.
    private static byte[]? Key(string? text)
    {
        var bytes = new byte[KeyEncryption.KeySize];
        return text is { Length: 44 } && Convert.TryFromBase64String(text, bytes, out var length) && length == bytes.Length ? bytes : null;
    }

    /// <summary>Null when it is none.</summary>
    public static RegistrationMode? RegistrationModeOf(DeclaredClientRegistration? declared) => declared?.Mode is not { } mode ? RegistrationMode.Closed
        : mode.Length > 0 && char.IsAsciiLetter(mode[0]) && Enum.TryParse<RegistrationMode>(mode, ignoreCase: true, out var known) ? known
        : null;

    private static bool IsFiles(string? source) => "Directory".Equals(source, StringComparison.OrdinalIgnoreCase);

    private static bool IsRows(string? source) => "Database".Equals(source, StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<(string Member, int? Value, int Least, int Most, string Unit)> Numbers(DeclaredServer server) =>
    [
        ("Authorization: PushedRequestLifetime", server.Authorization?.PushedRequestLifetime, 5, 600, "of seconds "), // RFC 9126 §2.2
        ("Tokens: AccessTokenLifetime", server.Tokens?.AccessTokenLifetime, 1, Day, "of seconds "),
        ("Tokens: IdTokenLifetime", server.Tokens?.IdTokenLifetime, 1, Day, "of seconds "),
        ("Tokens: RefreshTokenLifetime", server.Tokens?.RefreshTokenLifetime, 1, Year, "of seconds "),
        ("Tokens: RefreshTokenOverlap", server.Tokens?.RefreshTokenOverlap, 0, 60, "of seconds "),
        ("Tokens: AuthorizationCodeLifetime", server.Tokens?.AuthorizationCodeLifetime, 1, 60, "of seconds "), // requirement 27
        ("Tokens: DeviceCodeLifetime", server.Tokens?.DeviceCodeLifetime, 60, 3600, "of seconds "),
        ("Tokens: DevicePollInterval", server.Tokens?.DevicePollInterval, 1, 60, "of seconds "),
        ("Tokens: InteractionLifetime", server.Tokens?.InteractionLifetime, 60, Day, "of seconds "),
        ("Tokens: SessionLifetime", server.Tokens?.SessionLifetime, 60, 90 * Day, "of seconds "),
        ("Tokens: ClientAssertionLifetime", server.Tokens?.ClientAssertionLifetime, 60, Day, "of seconds "),
        ("Keys: Rotation", server.Keys?.Rotation, 3600, 2 * Year, "of seconds "),
        ("Keys: Announcement", server.Keys?.Announcement, 0, 30 * Day, "of seconds "),
        ("Passwords: Iterations", server.Passwords?.Iterations, 100_000, 10_000_000, ""),
        ("RateLimits: TokenFailuresPerMinute", server.RateLimits?.TokenFailuresPerMinute, 1, 1_000_000, ""),
        ("RateLimits: SignInFailuresPerAccount", server.RateLimits?.SignInFailuresPerAccount, 1, 100, ""),
        ("RateLimits: SignInFailuresPerSource", server.RateLimits?.SignInFailuresPerSource, 1, 1_000_000, ""),
        ("RateLimits: CodeFailuresPerAccount", server.RateLimits?.CodeFailuresPerAccount, 1, 1_000_000, ""),
        ("RateLimits: UserCodeFailuresPerSource", server.RateLimits?.UserCodeFailuresPerSource, 1, 1_000_000, ""),
        ("RateLimits: DeviceCodesPerMinute", server.RateLimits?.DeviceCodesPerMinute, 1, 1_000_000, ""),
        ("RateLimits: RegistrationsPerHour", server.RateLimits?.RegistrationsPerHour, 1, 1_000_000, ""),
        ("RateLimits: RecoveriesPerHour", server.RateLimits?.RecoveriesPerHour, 1, 1_000_000, ""),
        ("RateLimits: ClientRegistrationsPerHour", server.RateLimits?.ClientRegistrationsPerHour, 1, 1_000_000, ""),
        ("Audit: Days", server.Audit?.Days, 1, 3650, ""),
        ("Accounts: DeletionDelay", server.Accounts?.DeletionDelay, 0, 365, " days"),
        ("Audit: FailuresPerMinute", server.Audit?.FailuresPerMinute, 1, 1_000_000, ""),
    ];

    // As SafeConnections compares it: the host as it stands in an address, a colon, the port.
    private static bool IsHostAndPort(string text) =>
        Uri.TryCreate("https://" + text, UriKind.Absolute, out var parsed) && parsed.UserInfo.Length == 0
        && $"{(parsed.HostNameType == UriHostNameType.IPv6 ? $"[{parsed.IdnHost}]" : parsed.IdnHost)}:{parsed.Port}".Equals(text, StringComparison.OrdinalIgnoreCase);

    // As ClientIdDocuments compares it: what stands between https:// and the path.
    private static bool IsHostOfAddress(string text) => Uri.TryCreate($"https://{text}/", UriKind.Absolute, out var parsed) && parsed.AbsoluteUri == $"https://{text}/" && parsed.Authority == text;

    // RFC 8414 §2: https, no query, no fragment. Compared as text everywhere, so it has one spelling.
    private static string? IssuerFault(string? issuer)
    {
        if (string.IsNullOrEmpty(issuer))
        {
            return "is missing: write the address this server is reached at, such as \"https://id.example.com\".";
        }

        if (!Uri.TryCreate(issuer, UriKind.Absolute, out var parsed) || parsed.Scheme is not ("https" or "http") || parsed.UserInfo.Length > 0 || issuer.Any(c => c is <= ' ' or > '~'))
        {
            return $"is \"{issuer}\": write an https address such as \"https://id.example.com\".";
        }

        if (issuer.Contains('?') || issuer.Contains('#'))
        {
            return $"is \"{issuer}\": write it without the query or fragment.";
        }

        if (issuer.EndsWith('/'))
        {
            return $"is \"{issuer}\": write it without the slash at its end.";
        }

        return parsed.Scheme == "http" && !parsed.IsLoopback
            ? $"is \"{issuer}\": write https; plain http is for a loopback address such as http://localhost:5100."
            : null;
    }

    private static string? DatabaseFault(DeclaredDatabase database)
    {
        if (database.Provider is null || database.Provider.Equals(DatabaseProviders.Sqlite, StringComparison.OrdinalIgnoreCase))
        {
            return SqliteFault(database.ConnectionString ?? ServerSettings.OwnDatabase);
        }

        return database.Provider.Equals(DatabaseProviders.PostgreSql, StringComparison.OrdinalIgnoreCase)
            ? PostgresFault(database.ConnectionString)
            : $"Provider is \"{database.Provider}\": write \"{DatabaseProviders.Sqlite}\" or \"{DatabaseProviders.PostgreSql}\".";
    }

    // A connection string is never quoted: it might hold a password.
    private static string? SqliteFault(string text) => PlainConnectionString.Of(text) is null ? FaultOfDriver(text) : null;

    private static string? FaultOfDriver(string text)
    {
        try
        {
            var parsed = new SqliteConnectionStringBuilder(text);
            return parsed.DataSource.Length == 0 || parsed.DataSource == ":memory:" || parsed.Mode == SqliteOpenMode.Memory
                ? "ConnectionString names no file: write such as \"Data Source=idserver.db\"."
                : null;
        }
        catch (ArgumentException)
        {
            return "ConnectionString is not a connection string of SQLite: write such as \"Data Source=idserver.db\".";
        }
    }

    private static string? PostgresFault(string? text)
    {
        const string Example = "write such as \"Host=db.example.com;Database=idserver;Username=idserver;Password=...\".";
        try
        {
            var parsed = new NpgsqlConnectionStringBuilder(text);
            return string.IsNullOrEmpty(parsed.Host) ? $"ConnectionString names no host: {Example}"
                : string.IsNullOrEmpty(parsed.Database) ? $"ConnectionString names no database: {Example}"
                : null;
        }
        catch (ArgumentException)
        {
            return $"ConnectionString is not a connection string of PostgreSQL: {Example}";
        }
    }
}
