using System.Text.Json;
using IdServer.Protocol.Discovery;
using IdServer.Protocol.Keys;
using IdServer.Testing;
using IdServer.Testing.Stores;
using IdServer.Tokens.Jose;
using Xunit;

namespace IdServer.Protocol.Tests.Discovery;

public sealed class DiscoveryDocumentsTests
{
    // IANA "OAuth Authorization Server Metadata" registry and OIDC Discovery §3.
    private static readonly string[] RegisteredNames =
    [
        "issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "revocation_endpoint", "introspection_endpoint", "end_session_endpoint",
        "device_authorization_endpoint",
        "scopes_supported", "response_types_supported", "response_modes_supported", "grant_types_supported", "subject_types_supported", "id_token_signing_alg_values_supported",
        "token_endpoint_auth_signing_alg_values_supported", "revocation_endpoint_auth_signing_alg_values_supported", "introspection_endpoint_auth_signing_alg_values_supported",
        "token_endpoint_auth_methods_supported", "revocation_endpoint_auth_methods_supported", "introspection_endpoint_auth_methods_supported", "code_challenge_methods_supported",
        "authorization_signing_alg_values_supported", "userinfo_signing_alg_values_supported", "introspection_signing_alg_values_supported", "dpop_signing_alg_values_supported",
        "backchannel_logout_supported", "backchannel_logout_session_supported", "frontchannel_logout_supported", "frontchannel_logout_session_supported",
        "registration_endpoint", "mtls_endpoint_aliases", "tls_client_certificate_bound_access_tokens", "client_id_metadata_document_supported", "prompt_values_supported", "acr_values_supported", "claim_types_supported", "claims_supported", "ui_locales_supported", "claims_parameter_supported",
        "pushed_authorization_request_endpoint", "require_pushed_authorization_requests", "require_signed_request_object", "require_request_uri_registration", "request_parameter_supported", "request_uri_parameter_supported", "request_object_signing_alg_values_supported", "authorization_response_iss_parameter_supported",
    ];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Spec("RFC 8414", "§2"), Spec("requirement", "42")]
    public async Task Metadata_holds_registered_names_only_and_the_exact_issuer()
    {
        using var keys = await KeysAsync();
        var metadata = Parse(new DiscoveryDocuments(Build.Options(), Build.Catalog(), [], keys).Metadata);

        Assert.Empty(metadata.EnumerateObject().Select(m => m.Name).Except(RegisteredNames));
        Assert.Equal(Build.Issuer, metadata.GetProperty("issuer").GetString());
        Assert.All(metadata.EnumerateObject().Where(m => m.Name.EndsWith("_endpoint", StringComparison.Ordinal)), m => Assert.StartsWith(Build.Issuer + "/", m.Value.GetString(), StringComparison.Ordinal));
        Assert.Contains("RS256", metadata.GetProperty("id_token_signing_alg_values_supported").EnumerateArray().Select(a => a.GetString()));
    }

    [Fact]
    [Spec("Client ID Metadata Document", "§5"), Spec("requirement", "42")]
    public async Task Documents_of_clients_are_announced_only_where_a_host_may_have_them()
    {
        using var keys = await KeysAsync();
        var with = Parse(new DiscoveryDocuments(Build.Options() with { ClientIdMetadata = new() { AllowedHosts = ["app.example"] } }, Build.Catalog(), [], keys).Metadata);
        var without = Parse(new DiscoveryDocuments(Build.Options(), Build.Catalog(), [], keys).Metadata);

        Assert.True(with.GetProperty("client_id_metadata_document_supported").GetBoolean());
        Assert.False(without.TryGetProperty("client_id_metadata_document_supported", out _));
    }

    [Fact]
    [Spec("RFC 8705", "§3.3"), Spec("RFC 8705", "§5"), Spec("requirement", "39"), Spec("requirement", "42")]
    public async Task Certificates_are_announced_only_where_they_count_and_authorities_only_where_there_are_some()
    {
        using var keys = await KeysAsync();
        using var authority = new CertificateAuthority(new ManualClock().Now);
        var without = Parse(new DiscoveryDocuments(Build.Options(), Build.Catalog(), [], keys).Metadata);
        var selfSigned = Parse(new DiscoveryDocuments(Build.Options() with { MutualTls = new() { Address = "https://mtls.id.example" } }, Build.Catalog(), [], keys).Metadata);
        var both = Parse(new DiscoveryDocuments(Build.Options() with { MutualTls = new() { Address = "https://mtls.id.example", Authorities = [authority.Certificate] } }, Build.Catalog(), [], keys).Metadata);

        Assert.False(without.TryGetProperty("mtls_endpoint_aliases", out _) || without.TryGetProperty("tls_client_certificate_bound_access_tokens", out _));
        Assert.Equal(
            ["pushed_authorization_request_endpoint", "token_endpoint", "userinfo_endpoint", "revocation_endpoint", "introspection_endpoint", "device_authorization_endpoint"],
            both.GetProperty("mtls_endpoint_aliases").EnumerateObject().Select(alias => alias.Name));
        Assert.All(both.GetProperty("mtls_endpoint_aliases").EnumerateObject(), alias => Assert.Equal(both.GetProperty(alias.Name).GetString()!.Replace(Build.Issuer, "https://mtls.id.example", StringComparison.Ordinal), alias.Value.GetString()));
        Assert.True(both.GetProperty("tls_client_certificate_bound_access_tokens").GetBoolean());
        Assert.Equal((string[][])[[], ["self_signed_tls_client_auth"], ["tls_client_auth", "self_signed_tls_client_auth"]], new[] { without, selfSigned, both }.Select(MethodsByCertificate));

        static string[] MethodsByCertificate(JsonElement metadata) =>
            [.. metadata.GetProperty("token_endpoint_auth_methods_supported").EnumerateArray().Select(m => m.GetString()!).Where(m => m.Contains("tls", StringComparison.Ordinal))];
    }

    [Fact]
    [Spec("RFC 7517", "§5"), Spec("requirement", "43")]
    public async Task The_key_set_has_public_members_only_and_distinct_ids_and_follows_a_rotation()
    {
        var clock = new ManualClock();
        using var keys = await KeysAsync(clock);
        var documents = new DiscoveryDocuments(Build.Options(), Build.Catalog(), [], keys);
        var before = documents.Jwks;

        await keys.RotateAsync(clock.Now, immediately: false, Ct);

        var published = Parse(documents.Jwks).GetProperty("keys").EnumerateArray().ToArray();
        Assert.Equal(4, published.Length);
        Assert.Equal(4, published.Select(k => k.GetProperty("kid").GetString()).Distinct().Count());
        Assert.All(published, k => Assert.Empty(k.EnumerateObject().Select(m => m.Name).Except(["kty", "crv", "x", "y", "n", "e", "use", "alg", "kid"])));
        Assert.NotEqual(before.ETag, documents.Jwks.ETag);
        Assert.Equal(4, JwkSet.Parse(documents.Jwks.Body).Keys.Count);
    }

    private static async Task<KeyRing> KeysAsync(ManualClock? clock = null)
    {
        clock ??= new ManualClock();
        var changes = new MemoryChangeFeed();
        var keys = new KeyRing(new MemoryStores(changes).SigningKeys, changes, new RecordingEvents(), Build.Options(), clock);
        await keys.MaintainAsync(clock.Now, Ct);
        return keys;
    }

    private static JsonElement Parse(FinishedDocument document)
    {
        using var json = JsonDocument.Parse(document.Body);
        return json.RootElement.Clone();
    }
}
