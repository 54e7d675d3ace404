using IdServer.Data;
using IdServer.Data.Audit;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Options;
using IdServer.Protocol.Scopes;
using IdServer.Users;

namespace IdServer.Configuration;

/// <summary>Reads section <c>IdServer</c>, applies the defaults and says everything that is wrong at once.</summary>
public static class SettingsReader
{
    private static readonly string[] Lists = ["Clients", "Resources", "Scopes", "Users", "UpstreamProviders"];

    /// <summary>Every member name that can be written, for the test that the reference has them all.</summary>
    public static IReadOnlyList<string> MemberNames =>
    [
        .. Lists,
        .. new[] { typeof(DeclaredServer), typeof(DeclaredDatabase), typeof(DeclaredKeys), typeof(DeclaredAuthorization), typeof(DeclaredTokens), typeof(DeclaredDPoP), typeof(DeclaredMutualTls), typeof(DeclaredRegistration), typeof(DeclaredClientRegistration), typeof(DeclaredClientIdMetadata), typeof(DeclaredPasswords), typeof(DeclaredRateLimits), typeof(DeclaredFetching), typeof(DeclaredAudit), typeof(DeclaredAccounts), typeof(DeclaredMail), typeof(DeclaredBranding), typeof(DeclaredUpstreamProvider), typeof(DeclaredClaimMapping) }
            .SelectMany(t => DeclaredServerJson.Default.GetTypeInfo(t)!.Properties).Select(p => p.Name),
        .. new[] { typeof(DeclaredResource), typeof(DeclaredScope), typeof(DeclaredTitles) }.SelectMany(t => DeclaredScopesJson.Default.GetTypeInfo(t)!.Properties).Select(p => p.Name),
        .. ClientMetadataJson.Default.ClientMetadata.Properties.Select(p => p.Name),
        .. DeclaredUserJson.Default.DeclaredUser.Properties.Select(p => p.Name),
        .. DeclaredUserJson.Default.PostalAddress.Properties.Select(p => p.Name),
    ];

    /// <exception cref="ConfigurationFaultsException">The configuration is wrong.</exception>
    public static ServerSettings Read(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var section = configuration.GetSection("IdServer");
        var faults = new List<string>();
        var reader = new SectionReader(faults);
        var server = reader.Read(section, DeclaredServerJson.Default.DeclaredServer, besides: Lists);
        var resources = reader.ReadList(section.GetSection("Resources"), DeclaredScopesJson.Default.DeclaredResource, "identifier");
        var scopes = reader.ReadList(section.GetSection("Scopes"), DeclaredScopesJson.Default.DeclaredScope, "name");
        var clients = reader.ReadList(section.GetSection("Clients"), ClientMetadataJson.Default.ClientMetadata, "client_id");
        var users = reader.ReadList(section.GetSection("Users"), DeclaredUserJson.Default.DeclaredUser, "username");
        var upstream = reader.ReadNamed(section.GetSection("UpstreamProviders"), DeclaredServerJson.Default.DeclaredUpstreamProvider);

        var mutualTls = MutualTlsRules.Read(server, faults);
        faults.AddRange(ServerRules.Check(server));
        faults.AddRange(MailRules.Check(server.Mail));
        faults.AddRange(BrandingRules.Check(server.Branding));
        faults.AddRange(DeclarationRules.CheckResources(resources, clients, server.Issuer));
        faults.AddRange(DeclarationRules.CheckScopes(scopes, resources));
        faults.AddRange(DeclarationRules.CheckClients(clients, resources, server.PairwiseKey is not null, mutualTls));
        faults.AddRange(DeclarationRules.CheckScopesOfStrangers(server, resources));
        faults.AddRange(DeclarationRules.CheckUsers(users, server.ProductName ?? ServerSettings.OwnName));
        faults.AddRange(upstream.SelectMany(p => UpstreamRules.Check(p.Where, p.Name, p.Value)));

        return faults.Count == 0
            ? Build(server, [.. resources.Select(r => r.Value)], [.. scopes.Select(s => s.Value)], [.. clients.Select(c => c.Value)], [.. users.Select(u => u.Value)], mutualTls) with
            {
                UpstreamProviders = [.. upstream.OrderBy(p => p.Name, StringComparer.OrdinalIgnoreCase).Select(p => UpstreamRules.Complete(p.Name, p.Value, server.Registration?.Role ?? new RegistrationSettings().Role))],
            }
            : throw new ConfigurationFaultsException(faults);
    }

    private static ServerSettings Build(
        DeclaredServer server, IReadOnlyList<DeclaredResource> resources, IReadOnlyList<DeclaredScope> scopes, IReadOnlyList<ClientMetadata> clients, IReadOnlyList<DeclaredUser> users, MutualTlsOptions? mutualTls)
    {
        var issuer = server.Issuer!;
        var unset = new ProtocolOptions { Issuer = issuer };
        var tokens = server.Tokens;
        var session = Seconds(tokens?.SessionLifetime) ?? unset.SessionLifetime;
        var registration = new RegistrationSettings();
        var limits = new RateLimitSettings();
        return new ServerSettings
        {
            ProductName = server.ProductName ?? ServerSettings.OwnName,
            Protocol = new ProtocolOptions
            {
                Issuer = issuer,
                RequirePushedAuthorizationRequests = server.Authorization?.RequirePushedAuthorizationRequests ?? unset.RequirePushedAuthorizationRequests,
                RequireSignedRequestObject = server.Authorization?.RequireSignedRequestObject ?? unset.RequireSignedRequestObject,
                OffersSignedResponses = server.Authorization?.OffersSignedResponses ?? unset.OffersSignedResponses,
                PushedRequestLifetime = Seconds(server.Authorization?.PushedRequestLifetime) ?? unset.PushedRequestLifetime,
                PairwiseKey = ServerRules.PairwiseKeyOf(server) is { } key ? key : null,
                ClientRegistration = ClientRegistration(server.ClientRegistration),
                ClientIdMetadata = ClientIdMetadata(server.ClientIdMetadata),
                AccessTokenAlgorithm = tokens?.AccessTokenAlgorithm ?? unset.AccessTokenAlgorithm,
                AccessTokenLifetime = Seconds(tokens?.AccessTokenLifetime) ?? unset.AccessTokenLifetime,
                IdTokenLifetime = Seconds(tokens?.IdTokenLifetime) ?? unset.IdTokenLifetime,
                RefreshTokenLifetime = Seconds(tokens?.RefreshTokenLifetime) ?? unset.RefreshTokenLifetime,
                RefreshTokenOverlap = Seconds(tokens?.RefreshTokenOverlap) ?? unset.RefreshTokenOverlap,
                AuthorizationCodeLifetime = Seconds(tokens?.AuthorizationCodeLifetime) ?? unset.AuthorizationCodeLifetime,
                DeviceCodeLifetime = Seconds(tokens?.DeviceCodeLifetime) ?? unset.DeviceCodeLifetime,
                DevicePollInterval = Seconds(tokens?.DevicePollInterval) ?? unset.DevicePollInterval,
                InteractionLifetime = Seconds(tokens?.InteractionLifetime) ?? unset.InteractionLifetime,
                SessionLifetime = session,
                ClientAssertionLifetime = Seconds(tokens?.ClientAssertionLifetime) ?? unset.ClientAssertionLifetime,
                SigningKeyRotation = Seconds(server.Keys?.Rotation) ?? unset.SigningKeyRotation,
                SigningKeyAnnouncement = Seconds(server.Keys?.Announcement) ?? unset.SigningKeyAnnouncement,
                MutualTls = mutualTls,
                RequireDPoPNonce = server.DPoP?.RequireNonce ?? unset.RequireDPoPNonce,
                LongestTokenLifetime = session > unset.LongestTokenLifetime ? session : unset.LongestTokenLifetime, // the revocation of a session must outlive its cookie
            },
            Database = new DatabaseSettings(server.Database?.Provider ?? DatabaseProviders.Sqlite, server.Database?.ConnectionString ?? ServerSettings.OwnDatabase),
            Keys = new KeySettings(server.Keys?.Directory ?? new KeySettings().Directory, ServerRules.EncryptionKeyOf(server.Keys)),
            Scopes = new ScopeCatalog(
                [.. scopes.Select(s => new Scope(s.Name!, Titles(s.Titles))), .. UsersResource.Scopes.Where(own => !scopes.Any(s => s.Name == own.Name))],
                [.. resources.Select(Resource), UsersResource.Of(issuer)]),
            Clients = clients,
            Users = users,
            Registration = new RegistrationSettings(server.Registration?.Enabled ?? registration.Enabled, server.Registration?.Role ?? registration.Role),
            Passwords = new PasswordSettings(server.Passwords?.Iterations ?? new PasswordSettings().Iterations),
            RateLimits = new RateLimitSettings(
                server.RateLimits?.TokenFailuresPerMinute ?? limits.TokenFailuresPerMinute,
                server.RateLimits?.SignInFailuresPerAccount ?? limits.SignInFailuresPerAccount,
                server.RateLimits?.SignInFailuresPerSource ?? limits.SignInFailuresPerSource,
                server.RateLimits?.RegistrationsPerHour ?? limits.RegistrationsPerHour,
                server.RateLimits?.UserCodeFailuresPerSource ?? limits.UserCodeFailuresPerSource,
                server.RateLimits?.DeviceCodesPerMinute ?? limits.DeviceCodesPerMinute,
                server.RateLimits?.ClientRegistrationsPerHour ?? limits.ClientRegistrationsPerHour,
                server.RateLimits?.CodeFailuresPerAccount ?? limits.CodeFailuresPerAccount,
                server.RateLimits?.RecoveriesPerHour ?? limits.RecoveriesPerHour),
            Fetching = new FetchingSettings(server.Fetching?.AllowedPrivateHosts ?? []),
            Accounts = new AccountSettings { DeletionDelay = server.Accounts?.DeletionDelay is { } days ? TimeSpan.FromDays(days) : new AccountSettings().DeletionDelay },
            Audit = new AuditSettings(server.Audit?.Days ?? new AuditSettings().Days, server.Audit?.FailuresPerMinute ?? new AuditSettings().FailuresPerMinute),
            CertificateHeader = server.MutualTls?.CertificateHeader,
            CertificateProxies = Networks(server.MutualTls?.CertificateProxies ?? server.Proxies),
            Mail = MailRules.Complete(server.Mail, server.ProductName ?? ServerSettings.OwnName),
            Branding = BrandingRules.Complete(server.Branding),
            Proxies = Networks(server.Proxies),
        };
    }

    private static System.Net.IPNetwork[] Networks(IReadOnlyList<string>? written) => [.. (written ?? []).Select(p => ServerRules.TryParseNetwork(p, out var network) ? network : default)];

    private static TimeSpan? Seconds(int? seconds) => seconds is { } value ? TimeSpan.FromSeconds(value) : null;

    private static ClientRegistrationOptions? ClientRegistration(DeclaredClientRegistration? declared)
    {
        var unset = new ClientRegistrationOptions();
        return ServerRules.RegistrationModeOf(declared) is var mode && mode == RegistrationMode.Closed ? null : new ClientRegistrationOptions
        {
            RequiresInitialAccessToken = mode == RegistrationMode.InitialAccessToken,
            Scopes = declared?.Scopes ?? unset.Scopes,
            RequirePkce = declared?.RequirePkce ?? unset.RequirePkce,
        };
    }

    private static ClientIdMetadataOptions? ClientIdMetadata(DeclaredClientIdMetadata? declared)
    {
        if (declared?.AllowedHosts is not { Count: > 0 } hosts)
        {
            return null;
        }

        var unset = new ClientIdMetadataOptions { AllowedHosts = hosts };
        return unset with { Scopes = declared.Scopes ?? unset.Scopes };
    }

    private static ApiResource Resource(DeclaredResource declared) => new()
    {
        Identifier = declared.Identifier!,
        Scopes = declared.Scopes!,
        AccessTokenSignedResponseAlg = declared.AccessTokenSignedResponseAlg,
        IntrospectionClients = declared.IntrospectionClients ?? [],
    };

    private static Dictionary<string, string> Titles(DeclaredTitles? declared)
    {
        var titles = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (language, text) in new[] { ("es", declared?.Es), ("en", declared?.En) })
        {
            if (text is not null)
            {
                titles[language] = text;
            }
        }

        return titles;
    }
}
