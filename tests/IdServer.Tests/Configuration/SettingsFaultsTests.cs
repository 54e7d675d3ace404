using IdServer.Configuration;
using IdServer.Testing;
using Xunit;

namespace IdServer.Tests.Configuration;

/// <summary>What is wrong in a configuration is said all at once, with its place and the remedy.</summary>
public sealed class SettingsFaultsTests
{
    [Fact]
    public void All_faults_are_said_at_once()
    {
        var faults = Faults("""{ "IdServer": { "Isuer": "x", "Tokens": { "AccessTokenLifetime": "long", "SessionLifetime": 1 }, "Clients": [ { } ] } }""");

        Assert.Contains("IdServer: Isuer is not known here: did you mean Issuer?", faults);
        Assert.Contains("IdServer: Issuer is missing: write the address this server is reached at, such as \"https://id.example.com\".", faults);
        Assert.Contains("IdServer:Tokens: AccessTokenLifetime is \"long\": write a whole number.", faults);
        Assert.Contains("IdServer:Tokens: SessionLifetime is 1: write a number of seconds from 60 to 7776000.", faults);
        Assert.Contains(faults, f => f.StartsWith("IdServer:Clients:0: client_id is missing", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{ "redirect_uri": "https://app.example" }""", "redirect_uri is not known here: did you mean redirect_uris?")]
    [InlineData("""{ "redirectUris": [ ] }""", "redirectUris is not known here: did you mean redirect_uris?")]
    [InlineData("""{ "colour": "red" }""", "colour is not known here: write one of client_id, ")]
    [InlineData("""{ "redirect_uris": "https://app.example" }""", "redirect_uris is not a list: write [ \"https://app.example\" ], or in an environment variable the name with __0 at its end.")]
    [InlineData("""{ "client_name": [ "a" ] }""", "client_name is a list or an object: write one text.")]
    [InlineData("""{ "redirect_uris": [ { "a": "b" } ] }""", "redirect_uris:0 is not a text: write one text per entry.")]
    [InlineData("""{ "require_pkce": "perhaps" }""", "require_pkce is \"perhaps\": write true or false.")]
    [InlineData("""{ "default_max_age": "1h" }""", "default_max_age is \"1h\": write a whole number.")]
    [InlineData("""{ "jwks": "nothing" }""", "jwks is not JSON: write an object.")]
    [InlineData("""{ "client_secret": "short" }""", "client_secret is shorter than 32 characters: ")]
    [InlineData("""{ "redirect_uris": [ "http://app.example" ] }""", "redirect_uris holds \"http://app.example\", which is plain http")]
    [InlineData("""{ "scope": "openid nothing" }""", "scope holds \"nothing\", which no resource declares")]
    [InlineData("""{ "access_token_lifetime": 90000 }""", "access_token_lifetime is 90000: write at most 86400")]
    [InlineData("""{ "redirect_uris": [ "https://app.example" ] }""", "client_secret is missing: write a random one, for example the output of \"openssl rand -base64 32\"")]
    public void A_fault_of_a_client_names_the_client_the_member_and_the_remedy(string members, string fault)
    {
        var client = members.Insert(1, """ "client_id": "my-app", """).Replace(", }", " }", StringComparison.Ordinal);

        AssertFault($$"""{ "Clients": [ {{client}} ] }""", $"IdServer:Clients:0 (my-app): {fault}");
    }

    [Theory]
    [InlineData("""{ "email": "ana" }""", "email is \"ana\": write an address such as ana@example.com.")]
    [InlineData("""{ "email": "Ana <ana@example.com>" }""", "email is \"Ana <ana@example.com>\": write an address")]
    [InlineData("""{ "name": "Ana" }""", "email is missing")]
    [InlineData("""{ "name": "Ana" }""", "password is missing: write one of at least 10 characters.")]
    [InlineData("""{ "password": "nine char" }""", "password is shorter than 10 characters")]
    [InlineData("""{ "email": "ana@example.com", "password": "ANA@example.com" }""", "password is the user name, the e-mail address or the product's name")]
    [InlineData("""{ "roles": [ "the boss" ] }""", "roles holds \"the boss\": write 1 to 50 letters")]
    [InlineData("""{ "rol": "admin" }""", "rol is not known here: did you mean roles?")]
    [InlineData("""{ "website": "example" }""", "website is not a web address")]
    [InlineData("""{ "birthdate": "2001-02-30" }""", "birthdate is \"2001-02-30\": write YYYY-MM-DD")]
    [InlineData("""{ "zoneinfo": "Spain" }""", "zoneinfo is \"Spain\": write a name of the IANA time zone database")]
    [InlineData("""{ "locale": "español" }""", "locale is \"español\": write a language tag")]
    [InlineData("""{ "phone_number": "none" }""", "phone_number is \"none\"")]
    [InlineData("""{ "nickname": "a\nb" }""", "nickname is longer than 200 characters or holds a control character")]
    public void A_fault_of_a_user_names_the_user_the_member_and_the_remedy(string members, string fault) =>
        AssertFault($$"""{ "Users": [ {{members.Insert(1, """ "username": "ana",""")}} ] }""", $"IdServer:Users:0 (ana): {fault}");

    [Fact]
    public void An_unknown_member_deep_inside_is_found_too() =>
        AssertFault("""{ "Users": [ { "username": "ana", "address": { "street": "Gran Vía 1" } } ] }""", "IdServer:Users:0:address (ana): street is not known here: write one of formatted, ");

    [Theory]
    [InlineData("ana@example.com", "is missing")]
    [InlineData("other@example.com", "username is \"other@example.com\": write 1 to 100 letters")]
    [InlineData("a b", "username is \"a b\"")]
    public void A_user_name_is_a_word_or_ones_own_address(string username, string fault)
    {
        var faults = Faults($$"""{ "IdServer": { "Issuer": "https://id.example", "Users": [ { "username": "{{username}}", "email": "ana@example.com", "password": "correct horse" } ] } }""", mayBeFine: true);

        Assert.Equal(username != "ana@example.com", faults.Any(f => f.Contains(fault, StringComparison.Ordinal)));
        Assert.Equal(username == "ana@example.com" ? 0 : 1, faults.Count);
    }

    [Theory]
    [InlineData("""{ "scopes": [ "api" ] }""", "IdServer:Resources:0: identifier is missing")]
    [InlineData("""{ "identifier": "api", "scopes": [ "api" ] }""", "IdServer:Resources:0 (api): identifier is \"api\": write an absolute URI without fragment")]
    [InlineData("""{ "identifier": "https://id.example/users", "scopes": [ "api" ] }""", "identifier is already that of the users API of this server")]
    [InlineData("""{ "identifier": "https://api.example" }""", "IdServer:Resources:0 (https://api.example): scopes is empty")]
    [InlineData("""{ "identifier": "https://api.example", "scopes": [ "a b" ] }""", "scopes holds \"a b\": write printable ASCII")]
    [InlineData("""{ "identifier": "https://api.example", "scopes": [ "email" ] }""", "scopes holds \"email\", which OpenID Connect defines")]
    [InlineData("""{ "identifier": "https://api.example", "scopes": [ "users.read" ] }""", "scopes holds \"users.read\", which belongs to the users API of this server")]
    [InlineData("""{ "identifier": "https://api.example", "scopes": [ "api" ], "access_token_signed_response_alg": "HS256" }""", "access_token_signed_response_alg is \"HS256\"")]
    [InlineData("""{ "identifier": "https://api.example", "scopes": [ "api" ], "introspection_clients": [ "ghost" ] }""", "introspection_clients holds \"ghost\", which IdServer:Clients does not have")]
    public void A_fault_of_a_resource_names_the_resource_the_member_and_the_remedy(string resource, string fault) =>
        AssertFault($$"""{ "Resources": [ {{resource}} ] }""", fault);

    [Theory]
    [InlineData("""{ "titles": { "es": "Leer" } }""", "IdServer:Scopes:0: name is missing")]
    [InlineData("""{ "name": "api" }""", "IdServer:Scopes:0 (api): name is \"api\", which no resource declares")]
    [InlineData("""{ "name": "email", "titles": { "fr": "Courrier" } }""", "IdServer:Scopes:0:titles (email): fr is not known here")]
    [InlineData("""{ "name": "email" }, { "name": "email" }""", "IdServer:Scopes:1 (email): name is already that of IdServer:Scopes:0 (email)")]
    public void A_fault_of_a_scope_names_the_scope_the_member_and_the_remedy(string scopes, string fault) =>
        AssertFault($$"""{ "Scopes": [ {{scopes}} ] }""", fault);

    [Theory]
    [InlineData("""{ "Clients": [ { "client_id": "a" }, { "client_id": "a" } ] }""", "IdServer:Clients:1 (a): client_id is already that of IdServer:Clients:0 (a)")]
    [InlineData("""{ "Users": [ { "username": "ana" }, { "username": "ANA" } ] }""", "IdServer:Users:1 (ANA): username is already that of IdServer:Users:0 (ana)")]
    [InlineData("""{ "Users": [ { "username": "a", "email": "x@example.com" }, { "username": "b", "email": "X@example.com" } ] }""", "IdServer:Users:1 (b): email is already that of IdServer:Users:0 (a)")]
    [InlineData(
        """{ "Resources": [ { "identifier": "https://a.example", "scopes": [ "api" ] }, { "identifier": "https://b.example", "scopes": [ "api" ] } ] }""",
        "IdServer:Resources:1 (https://b.example): scopes holds \"api\", which belongs to IdServer:Resources:0 (https://a.example)")]
    [InlineData(
        """{ "Resources": [ { "identifier": "https://a.example", "scopes": [ "a" ] }, { "identifier": "https://a.example", "scopes": [ "b" ] } ] }""",
        "IdServer:Resources:1 (https://a.example): identifier is already that of IdServer:Resources:0 (https://a.example)")]
    public void What_must_be_unique_is_not_declared_twice(string members, string fault) => AssertFault(members, fault);

    [Theory]
    [Spec("RFC 8414", "§2")]
    [InlineData("id.example", "write an https address")]
    [InlineData("ftp://id.example", "write an https address")]
    [InlineData("https://ana@id.example", "write an https address")]
    [InlineData("https://id.example/?a=b", "write it without the query or fragment")]
    [InlineData("https://id.example#a", "write it without the query or fragment")]
    [InlineData("https://id.example/", "write it without the slash at its end")]
    [InlineData("http://id.example", "write https; plain http is for a loopback address")]
    public void A_bad_issuer_is_refused(string issuer, string remedy)
    {
        var fault = Assert.Single(Faults($$"""{ "IdServer": { "Issuer": "{{issuer}}" } }"""));

        Assert.StartsWith($"IdServer: Issuer is \"{issuer}\": {remedy}", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:5100")]
    [InlineData("http://[::1]:5100")]
    [InlineData("https://id.example/tenant")]
    public void A_loopback_or_https_issuer_is_accepted(string issuer) => Assert.Equal(issuer, ConfigurationText.Read($$"""{ "IdServer": { "Issuer": "{{issuer}}" } }""").Protocol.Issuer);

    [Theory]
    [InlineData("""{ "ProductName": "" }""", "IdServer: ProductName is empty")]
    [InlineData("""{ "Database": { "Provider": "Postgres" } }""", "IdServer:Database: Provider is \"Postgres\": write \"Sqlite\" or \"PostgreSQL\".")]
    [InlineData("""{ "Keys": { "Source": "Vault" } }""", "IdServer:Keys: Source is \"Vault\": write \"Directory\" or \"Database\".")]
    [InlineData("""{ "Keys": { "Source": "Database" } }""", "IdServer:Keys: EncryptionKey is missing")]
    [InlineData("""{ "Keys": { "Source": "Database", "EncryptionKey": "c2hvcnQ=" } }""", "IdServer:Keys: EncryptionKey is not 32 bytes in base64")]
    [InlineData("""{ "Database": { "Provider": "PostgreSQL" } }""", "IdServer:Database: ConnectionString names no host")]
    [InlineData("""{ "Database": { "Provider": "postgresql", "ConnectionString": "Host=db" } }""", "IdServer:Database: ConnectionString names no database")]
    [InlineData("""{ "Database": { "Provider": "PostgreSQL", "ConnectionString": "Data Source=idserver.db;" } }""", "IdServer:Database: ConnectionString is not a connection string of PostgreSQL")]
    [InlineData("""{ "Database": { "ConnectionString": "Data Source=:memory:" } }""", "IdServer:Database: ConnectionString names no file")]
    [InlineData("""{ "Database": { "ConnectionString": "Sever=db" } }""", "IdServer:Database: ConnectionString is not a connection string of SQLite")]
    [InlineData("""{ "Database": "idserver.db" }""", "IdServer:Database is one text: write an object with the members Provider, ConnectionString.")]
    [InlineData("""{ "Keys": { "Directory": "" } }""", "IdServer:Keys: Directory is empty")]
    [InlineData("""{ "Keys": { "Rotation": 86400, "Announcement": 86400 } }""", "IdServer:Keys: Announcement is not shorter than Rotation")]
    [InlineData("""{ "Tokens": { "AccessTokenAlgorithm": "none" } }""", "IdServer:Tokens: AccessTokenAlgorithm is \"none\"")]
    [InlineData("""{ "Tokens": { "AuthorizationCodeLifetime": 61 } }""", "IdServer:Tokens: AuthorizationCodeLifetime is 61: write a number of seconds from 1 to 60.")]
    [InlineData("""{ "Tokens": { "AccessTokenLifetime": 0 } }""", "IdServer:Tokens: AccessTokenLifetime is 0")]
    [InlineData("""{ "Tokens": { "RefreshTokenOverlap": 3600 } }""", "IdServer:Tokens: RefreshTokenOverlap is 3600")]
    [InlineData("""{ "Passwords": { "Iterations": 1000 } }""", "IdServer:Passwords: Iterations is 1000: write a number from 100000 to 10000000.")]
    [InlineData("""{ "Audit": { "Days": 0 } }""", "IdServer:Audit: Days is 0")]
    [InlineData("""{ "RateLimits": { "TokenFailuresPerMinute": 0 } }""", "IdServer:RateLimits: TokenFailuresPerMinute is 0")]
    [InlineData("""{ "Registration": { "Role": "the boss" } }""", "IdServer:Registration: Role is \"the boss\"")]
    [InlineData("""{ "Registration": { "Enabled": "sometimes" } }""", "IdServer:Registration: Enabled is \"sometimes\": write true or false.")]
    [InlineData("""{ "ClientIdMetadata": { "AllowedHosts": [ "https://app.example" ] } }""", "IdServer:ClientIdMetadata: AllowedHosts holds \"https://app.example\": write a host in small letters")]
    [InlineData("""{ "ClientIdMetadata": { "AllowedHosts": [ "App.example" ] } }""", "IdServer:ClientIdMetadata: AllowedHosts holds \"App.example\"")]
    [InlineData("""{ "ClientIdMetadata": { "AllowedHosts": [ "app.example:443" ] } }""", "IdServer:ClientIdMetadata: AllowedHosts holds \"app.example:443\"")]
    [InlineData("""{ "ClientIdMetadata": { "AllowedHosts": [ "*.example" ] } }""", "IdServer:ClientIdMetadata: AllowedHosts holds \"*.example\"")]
    [InlineData("""{ "ClientIdMetadata": { "AllowedHosts": [ "" ] } }""", "IdServer:ClientIdMetadata: AllowedHosts holds \"\"")]
    [InlineData("""{ "ClientIdMetadata": { "AllowedHosts": [ "app.example" ], "Scopes": [ "nothing" ] } }""", "IdServer:ClientIdMetadata: Scopes holds \"nothing\", which no resource declares")]
    [InlineData("""{ "Proxies": [ "proxy.example" ] }""", "IdServer:Proxies holds \"proxy.example\": write an IP address")]
    [InlineData("""{ "Clients": { "client_id": "app" } }""", "IdServer:Clients is not a list: write [ { \"client_id\": ... } ].")]
    [InlineData("""{ "UpstreamProviders": [ { "name": "google" } ] }""", "IdServer:UpstreamProviders is not an object: write { \"Name\": { ... } }.")]
    [InlineData("""{ "UpstreamProviders": { "Google": { "ClientSecret": "secret" } } }""", "IdServer:UpstreamProviders:Google: ClientId is missing")]
    [InlineData("""{ "UpstreamProviders": { "Google": { "ClientId": "id" } } }""", "IdServer:UpstreamProviders:Google: ClientSecret is missing")]
    [InlineData("""{ "UpstreamProviders": { "Corporate": { "ClientId": "id", "ClientSecret": "secret" } } }""", "IdServer:UpstreamProviders:Corporate: Authority is missing")]
    [InlineData("""{ "UpstreamProviders": { "Corporate": { "ClientId": "id", "ClientSecret": "secret", "Authority": "http://login.example" } } }""", "IdServer:UpstreamProviders:Corporate: Authority is \"http://login.example\": write https")]
    [InlineData("""{ "UpstreamProviders": { "Corporate": { "ClientId": "id", "ClientSecret": "secret", "Authority": "https://login.example", "HostedDomain": "x.example" } } }""", "HostedDomain is Google's: remove it.")]
    [InlineData("""{ "UpstreamProviders": { "Corporate": { "ClientId": "id", "ClientSecret": "secret", "Authority": "https://login.example", "Scopes": [ "email" ] } } }""", "Scopes does not hold \"openid\"")]
    [InlineData("""{ "UpstreamProviders": { "GitHub": { "ClientId": "id", "ClientSecret": "secret", "Authority": "https://github.com" } } }""", "GitHub has no discovery document")]
    [InlineData("""{ "UpstreamProviders": { "Google": { "ClientId": "id", "ClientSecret": "secret", "EmailsEndpoint": "https://api.example" } } }""", "EmailsEndpoint is GitHub's: remove it.")]
    [InlineData("""{ "UpstreamProviders": { "Google": { "ClientId": "id", "ClientSecret": "secret", "TokenEndpointAuthMethod": "none" } } }""", "TokenEndpointAuthMethod is \"none\"")]
    [InlineData("""{ "UpstreamProviders": { "Google": { "ClientId": "id", "ClientSecret": "secret", "Role": "the boss" } } }""", "IdServer:UpstreamProviders:Google: Role is \"the boss\"")]
    [InlineData("""{ "UpstreamProviders": { "a/b": { "ClientId": "id", "ClientSecret": "secret", "Authority": "https://login.example" } } }""", "the name is \"a/b\"")]
    [InlineData("""{ "UpstreamProviders": { "Google": { "ClientID2": "id" } } }""", "IdServer:UpstreamProviders:Google: ClientID2 is not known here: did you mean ClientId?")]
    public void A_bad_value_says_where_it_stands_and_what_to_write(string members, string fault) => AssertFault(members, fault);

    [Fact]
    public void Faults_never_repeat_a_secret()
    {
        var faults = Faults("""
            { "IdServer": {
              "Users": [ { "username": "ana", "password": "tooshort1" } ],
              "Clients": [ { "client_id": "app", "client_secret": "tooshort2" } ],
              "Database": { "ConnectionString": "Pasword=tooshort3" } } }
            """);

        Assert.DoesNotContain(faults, f => f.Contains("tooshort", StringComparison.Ordinal));
    }

    private static void AssertFault(string members, string fault)
    {
        var json = $$"""{ "IdServer": {{members.Insert(1, """ "Issuer": "https://id.example",""")}} }""";

        Assert.Contains(Faults(json), f => f.Contains(fault, StringComparison.Ordinal));
    }

    private static IReadOnlyList<string> Faults(string json, bool mayBeFine = false)
    {
        try
        {
            ConfigurationText.Read(json);
        }
        catch (ConfigurationFaultsException e)
        {
            return e.Faults;
        }

        return mayBeFine ? [] : throw new Xunit.Sdk.XunitException("The configuration was accepted.");
    }
}
