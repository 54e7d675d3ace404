using IdServer.Protocol.Clients;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.Clients;

[Spec("RFC 7591", "§2")]
public sealed class ClientMetadataRulesTests
{
    [Fact]
    public void Good_metadata_has_no_fault() => Assert.Empty(Check(Build.Metadata()));

    [Fact]
    public void The_least_there_can_be_has_no_fault() => Assert.Empty(Check(new ClientMetadata { ClientId = "a", RedirectUris = ["https://a.example/"] }));

    [Fact]
    public void A_client_that_works_by_itself_needs_no_redirect_uri() =>
        Assert.Empty(Check(Build.Metadata(m => m with { GrantTypes = ["client_credentials"], RedirectUris = null })));

    [Fact]
    [Spec("OIDC Core", "§8.1")]
    public void Pairwise_subjects_need_one_host_or_a_sector_and_a_server_that_offers_them()
    {
        var pairwise = Build.Metadata(m => m with { SubjectType = "pairwise" });

        Assert.Empty(Check(pairwise));
        Assert.Empty(Check(pairwise with { RedirectUris = ["https://a.example/", "https://b.example/"], SectorIdentifierUri = "https://a.example/uris" }));
        Assert.Equal("subject_type", Assert.Single(ClientMetadataRules.Check(pairwise, _ => true)).Member);
    }

    [Fact]
    public void Every_fault_is_found_at_once() =>
        Assert.Equal(["client_id", "grant_types", "application_type"], Check(Build.Metadata(m => m with { ClientId = null, GrantTypes = ["implicit"], ApplicationType = "spa" })).Select(f => f.Member));

    [Fact]
    public void A_fault_continues_the_name_of_its_member_and_says_what_to_write() =>
        Assert.Equal("is \"spa\": write \"web\" or \"native\".", Assert.Single(Check(Build.Metadata(m => m with { ApplicationType = "spa" }))).Sentence);

    public static TheoryData<string, string, Func<ClientMetadata, ClientMetadata>> Faults => new()
    {
        { "no id", "client_id", m => m with { ClientId = null } },
        { "empty id", "client_id", m => m with { ClientId = "" } },
        { "id with a space", "client_id", m => m with { ClientId = "my app" } },
        { "id beyond ASCII", "client_id", m => m with { ClientId = "añadir" } },
        { "id with a control character", "client_id", m => m with { ClientId = "a\n" } },
        { "long id", "client_id", m => m with { ClientId = new string('a', 201) } },
        { "id like a person's", "client_id", m => m with { ClientId = "019a2b3c-4d5e-7f60-8192-a3b4c5d6e7f8" } },
        { "id like a person's in capitals and braces", "client_id", m => m with { ClientId = "{019A2B3C-4D5E-7F60-8192-A3B4C5D6E7F8}" } },
        { "unknown method", "token_endpoint_auth_method", m => m with { TokenEndpointAuthMethod = "tls_certificate" } },
        { "method in capitals", "token_endpoint_auth_method", m => m with { TokenEndpointAuthMethod = "CLIENT_SECRET_BASIC" } },
        { "secret of a public client", "client_secret", m => m with { TokenEndpointAuthMethod = "none" } },
        { "short secret", "client_secret", m => m with { ClientSecret = new string('s', 31) } },
        { "empty secret", "client_secret", m => m with { ClientSecret = "" } },
        { "unknown grant", "grant_types", m => m with { GrantTypes = ["authorization_code", "implicit"] } },
        { "public client_credentials", "grant_types", m => m with { TokenEndpointAuthMethod = "none", ClientSecret = null, GrantTypes = ["client_credentials"] } },
        { "public token exchange", "grant_types", m => m with { TokenEndpointAuthMethod = "none", ClientSecret = null, GrantTypes = [GrantTypes.TokenExchange], TokenExchangeModes = ["delegation"] } },
        { "token exchange without a mode", "token_exchange_modes", m => m with { GrantTypes = [GrantTypes.TokenExchange] } },
        { "a mode without token exchange", "token_exchange_modes", m => m with { TokenExchangeModes = ["delegation"] } },
        { "unknown token exchange mode", "token_exchange_modes", m => m with { GrantTypes = [GrantTypes.TokenExchange], TokenExchangeModes = ["delegation", "theft"] } },
        { "implicit", "response_types", m => m with { ResponseTypes = ["code", "token"] } },
        { "a grant without its response type", "response_types", m => m with { ResponseTypes = [] } },
        { "login initiated over http", "initiate_login_uri", m => m with { InitiateLoginUri = "http://app.example/start" } },
        { "hybrid", "response_types", m => m with { ResponseTypes = ["code id_token"] } },
        { "no redirect uri", "redirect_uris", m => m with { RedirectUris = null } },
        { "empty redirect uris", "redirect_uris", m => m with { RedirectUris = [] } },
        { "unknown application type", "application_type", m => m with { ApplicationType = "spa" } },
        { "unknown scope", "scope", m => m with { Scope = "openid nonsense" } },
        { "unsupported ID token algorithm", "id_token_signed_response_alg", m => m with { IdTokenSignedResponseAlg = "HS256" } },
        { "unsigned ID token", "id_token_signed_response_alg", m => m with { IdTokenSignedResponseAlg = "none" } },
        { "unsupported access token algorithm", "access_token_signed_response_alg", m => m with { AccessTokenSignedResponseAlg = "PS256" } },
        { "back channel with a fragment", "backchannel_logout_uri", m => m with { BackchannelLogoutUri = "https://app.example/logout#x" } },
        { "back channel without scheme", "backchannel_logout_uri", m => m with { BackchannelLogoutUri = "app.example/logout" } },
        { "front channel on another host", "frontchannel_logout_uri", m => m with { FrontchannelLogoutUri = "https://other.example/logout" } },
        { "front channel with a fragment", "frontchannel_logout_uri", m => m with { FrontchannelLogoutUri = "https://app.example/logout#x" } },
        { "front channel on another port", "frontchannel_logout_uri", m => m with { FrontchannelLogoutUri = "https://app.example:8443/logout" } },
        { "front channel as script", "frontchannel_logout_uri", m => m with { FrontchannelLogoutUri = "javascript:alert(1)" } },
        { "unsupported userinfo algorithm", "userinfo_signed_response_alg", m => m with { UserinfoSignedResponseAlg = "none" } },
        { "unsupported introspection algorithm", "introspection_signed_response_alg", m => m with { IntrospectionSignedResponseAlg = "HS256" } },
        { "unknown subject type", "subject_type", m => m with { SubjectType = "private" } },
        { "pairwise subjects of several hosts", "subject_type", m => m with { SubjectType = "pairwise", RedirectUris = ["https://a.example/", "https://b.example/"] } },
        { "pairwise subjects of no host", "subject_type", m => m with { SubjectType = "pairwise", GrantTypes = ["client_credentials"], RedirectUris = null } },
        { "plain http sector", "sector_identifier_uri", m => m with { SubjectType = "pairwise", SectorIdentifierUri = "http://a.example/uris" } },
        { "unsigned request objects", "request_object_signing_alg", m => m with { RequestObjectSigningAlg = "none" } },
        { "request objects signed with a secret", "request_object_signing_alg", m => m with { RequestObjectSigningAlg = "HS256" } },
        { "signed request objects without keys", "require_signed_request_object", m => m with { RequireSignedRequestObject = true } },
        { "request uri over http", "request_uris", m => m with { RequestUris = ["http://app.example/request"] } },
        { "request uri of a pushed request", "request_uris", m => m with { RequestUris = ["urn:ietf:params:oauth:request_uri:x"] } },
        { "request uri with a user", "request_uris", m => m with { RequestUris = ["https://ana@app.example/request"] } },
        { "relative request uri", "request_uris", m => m with { RequestUris = ["/request"] } },
        { "long request uri", "request_uris", m => m with { RequestUris = ["https://app.example/" + new string('a', 500)] } },
        { "public client without rotation", "rotate_refresh_tokens", m => m with { TokenEndpointAuthMethod = "none", ClientSecret = null, RotateRefreshTokens = false } },
        { "no access token lifetime", "access_token_lifetime", m => m with { AccessTokenLifetime = 0 } },
        { "negative ID token lifetime", "id_token_lifetime", m => m with { IdTokenLifetime = -1 } },
        { "negative refresh token lifetime", "refresh_token_lifetime", m => m with { RefreshTokenLifetime = -1 } },
        { "no max age", "default_max_age", m => m with { DefaultMaxAge = 0 } },
        { "client uri without scheme", "client_uri", m => m with { ClientUri = "app.example" } },
        { "script as logo", "logo_uri", m => m with { LogoUri = "javascript:alert(1)" } },
        { "file as policy", "policy_uri", m => m with { PolicyUri = "file:///etc/passwd" } },
        { "path as terms", "tos_uri", m => m with { TosUri = "/terms" } },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Each_fault_names_its_member(string fault, string member, Func<ClientMetadata, ClientMetadata> with) =>
        Assert.True(Check(Build.Metadata(with)) is [var found] && found.Member == member && found.Sentence.EndsWith('.'), fault);

    [Theory]
    [InlineData("https://app.example/request?id=7")]
    [InlineData("https://app.example/request#GwCnRXnYmNqtwZPWvgq0HJh8ooyDVn_GdJZpHqcO6LE")]
    [Spec("OIDC Core", "§6.2")]
    public void A_request_uri_may_have_a_query_and_a_fragment(string uri) => Assert.Empty(Check(Build.Metadata(m => m with { RequestUris = [uri] })));

    [Theory]
    [InlineData("RS256")]
    [InlineData("PS256")]
    [InlineData("ES256")]
    public void Request_objects_may_be_bound_to_an_algorithm(string algorithm) =>
        Assert.Empty(Check(Build.Metadata(m => m with { RequestObjectSigningAlg = algorithm, RequireSignedRequestObject = true, Jwks = RequestObject.Jwks })));

    public static TheoryData<string> BadRedirects =>
    [
        "", " ", "callback", "/callback", "//app.example/callback", "app.example/callback", "https://", "https:///callback", "https://app.example/ñ", "https://ñ.example/", "https://app.example/a b",
        "https://app.example/callback#", "https://app.example/callback#x", "https://app.example/*", "https://*.app.example/", "https://user@app.example/", "https://user:password@app.example/",
        "https://app.example\\callback", "http://app.example/callback", "http://localhost.example/callback", "http://127.0.0.1.example/callback", "http://10.0.0.1/callback",
        "javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "about:blank", "blob:https://app.example/x", "ftp://app.example/x",
        "myapp:/callback", "com.example.app:/callback", "https://app.example/%zz", "https://app.example:99999/", "https://app.example/\n",
    ];

    [Theory]
    [MemberData(nameof(BadRedirects))]
    [Spec("RFC 6749", "§3.1.2")]
    public void A_redirect_uri_that_leads_astray_is_refused(string uri)
    {
        Assert.Equal("redirect_uris", Assert.Single(Check(Build.Metadata(m => m with { RedirectUris = [uri] }))).Member);
        Assert.Equal("post_logout_redirect_uris", Assert.Single(Check(Build.Metadata(m => m with { PostLogoutRedirectUris = [uri] }))).Member);
    }

    [Theory]
    [InlineData("https://app.example/callback", null)]
    [InlineData("https://app.example:8443/callback?tenant=a%20b&x=1", "web")]
    [InlineData("http://localhost:5102/callback", null)]
    [InlineData("http://127.0.0.1/callback", "native")]
    [InlineData("http://[::1]:8080/callback", "native")]
    [InlineData("com.example.app:/callback", "native")]
    [InlineData("com.example.app://callback", "native")]
    public void A_redirect_uri_of_each_good_kind_is_accepted(string uri, string? applicationType) =>
        Assert.Empty(Check(Build.Metadata(m => m with { RedirectUris = [uri], PostLogoutRedirectUris = [uri], ApplicationType = applicationType })));

    [Theory]
    [InlineData("myapp:/callback")]
    [InlineData("javascript:alert(1)")]
    [InlineData("http://app.example/callback")]
    [Spec("RFC 8252", "§7.1")]
    public void A_native_client_may_not_use_just_any_scheme(string uri) =>
        Assert.Equal("redirect_uris", Assert.Single(Check(Build.Metadata(m => m with { RedirectUris = [uri], ApplicationType = "native" }))).Member);

    private static MetadataFault[] Check(ClientMetadata client)
    {
        var catalog = Build.Catalog();
        return [.. ClientMetadataRules.Check(client, scope => catalog.Find(scope) is not null, offersPairwise: true)];
    }
}
