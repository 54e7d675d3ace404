using System.Security.Cryptography.X509Certificates;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using IdServer.Protocol.Authorize;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.MutualTls;
using IdServer.Protocol.Requests;
using IdServer.Protocol.Scopes;
using IdServer.Protocol.Tests.Jose;
using IdServer.Protocol.Users;
using IdServer.Testing;
using IdServer.Tokens.Jose;
using Xunit;

namespace IdServer.Protocol.Tests;

/// <summary>Whatever a stranger sends is an outcome, never an exception. Each property is tried on 1000 inputs; a failure prints the smallest one and its seed.</summary>
public sealed class HostileInputTests
{
    private static Config Thousand => HostileText.Thousand;

    [Fact]
    public void Any_bytes_are_parameters_or_refused() => Prop.ForAll<byte[]>(bytes =>
    {
        if (ProtocolParameters.TryParse(bytes, out var parameters))
        {
            AssertRoundTrip(parameters);
        }
    }).Check(Thousand);

    [Fact]
    public void Any_form_text_is_parameters_that_survive_encoding_or_refused() => Prop.ForAll(HostileText.Of("a", "=", "&", "%", "%2", "%41", "%C3%B1", "%FF", "+", "resource", "ñ", "\ud800", "\0"), text =>
    {
        if (ProtocolParameters.TryParse(Encoding.UTF8.GetBytes(text), out var parameters))
        {
            AssertRoundTrip(parameters);
        }
    }).Check(Thousand);

    [Fact]
    public void Any_text_is_a_handle_that_is_written_the_same_or_none() => Prop.ForAll(HostileText.Of(Handle.New(TimeProvider.System).Value, "AZrD", "____", "=", "-", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), text =>
        !Handle.TryParse(text, out var handle) || handle.Value == text).Check(Thousand);

    [Fact]
    public void Any_64_base64url_characters_are_a_handle_that_is_written_the_same_or_none() => Prop.ForAll(
        Gen.Elements("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".ToCharArray()).ArrayOf(64).Select(c => new string(c)).ToArbitrary(),
        text => !Handle.TryParse(text, out var handle) || handle.Value == text).Check(Thousand);

    [Fact]
    public void Any_text_is_no_token_of_ours()
    {
        var good = CraftedJwt.Signed();
        Prop.ForAll(HostileText.Of([.. good.Split('.'), ".", "..", "e30", "eyJhbGciOiJub25lIn0", "bnVsbA", "=", "{", "\n", "\ud800"]), text => text == good || !Validate(text).IsValid).Check(Thousand);
    }

    [Fact]
    public void A_token_with_any_header_and_claims_is_an_outcome() => Prop.ForAll(
        HostileText.Of(CraftedJwt.Header, "{", "}", "\"alg\"", "\"kid\"", "\"typ\"", ":", ",", "\"ES256\"", "null", "[", "]", "1e999", "\"\\ud800\""),
        HostileText.Of(CraftedJwt.Claims, "{", "}", "\"iss\"", "\"aud\"", "\"exp\"", "\"nbf\"", ":", ",", "null", "[", "]", "1e999", "-1", "\"\\ud800\""),
        (header, claims) => Validate(CraftedJwt.Signed(header, claims)).Fault is var fault && (fault != JwtFault.None || claims == CraftedJwt.Claims)).Check(Thousand);

    [Fact]
    public void Any_document_is_a_key_set_or_no_JSON_of_one() => Prop.ForAll(
        HostileText.Of("{", "}", "[", "]", "\"keys\"", ":", ",", "\"kty\"", "\"EC\"", "\"RSA\"", "\"n\"", "\"e\"", "\"AQAB\"", "\"\\ud800\"", "null", "1"),
        text =>
        {
            foreach (var json in new[] { text, $$"""{"keys":[{{text}}]}""", $$"""{"keys":[{"kty":"RSA","e":"AQAB","n":{{text}}}]}""" })
            {
                try
                {
                    Assert.Empty(JwkSet.Parse(Encoding.UTF8.GetBytes(json)).Keys);
                }
                catch (System.Text.Json.JsonException)
                {
                }
            }
        }).Check(Thousand);

    [Fact]
    public void Any_redirect_uri_but_the_registered_one_is_refused()
    {
        var web = Build.Client();
        var native = Build.Client(m => m with { ApplicationType = "native", RedirectUris = ["http://127.0.0.1/cb", "http://[::1]:8080/cb"] });
        Prop.ForAll(HostileText.Of(Build.RedirectUri, "http://127.0.0.1", "http://[::1]", "https://", ":", "8080", "99999999999999999999", "/cb", "/", "?", "#", "@", "\\", "\ud800"), text =>
            RedirectUris.IsRegistered(web, text) == (text == Build.RedirectUri)
            && (!RedirectUris.IsRegistered(native, text) || (new Uri(text) is { IsLoopback: true, AbsolutePath: "/cb", Query: "", Fragment: "", UserInfo: "" }))).Check(Thousand);
    }

    [Fact]
    public void Any_client_metadata_is_checked() => Prop.ForAll(HostileText.Of("https://", "http://127.0.0.1", "app.example", "/cb", "#", "*", "@", ":", "[", "]", "%", "\\", "javascript:", "\ud800", " "), text =>
        ClientMetadataRules.Check(Build.Metadata(m => m with { ClientId = text, RedirectUris = [text], PostLogoutRedirectUris = [text], Scope = text, LogoUri = text, ApplicationType = "native" }), _ => false)
            .All(fault => fault.Sentence.Length > 0)).Check(Thousand);

    [Fact]
    public void Any_registered_name_of_a_certificate_is_checked() => Prop.ForAll(HostileText.Of("CN=", "O=", "2.5.4.3", "=", ",", "+", "\\", "#", "0c01", "\"", "[", "::1", "@", "urn:", ".", "ñ", "\ud800", " "), text =>
        ClientMetadataRules.Check(
                Build.Metadata(m => m with { TlsClientAuthSubjectDn = text, TlsClientAuthSanDns = text, TlsClientAuthSanUri = text, TlsClientAuthSanIp = text, TlsClientAuthSanEmail = text }), _ => true, mutualTls: new() { Address = "https://mtls.id.example" })
            .All(fault => fault.Sentence.Length > 0)).Check(Thousand);

    [Fact]
    public void Any_text_is_a_distinguished_name_that_is_itself_or_none() => Prop.ForAll(
        HostileText.Of("CN=app", "O=Example", "2.5.4.3", "=", ",", "+", "\\", "\\2C", "\\C3", "#", "0c0161", "\"", ";", " ", "ñ", "\ud800", "\0"),
        text => DistinguishedName.Parse(text) is not { } name || (name == DistinguishedName.Parse(text) && name != DistinguishedName.Parse(text + ",C=ES"))).Check(Thousand);

    [Fact]
    public void Any_bytes_are_a_distinguished_name_or_none() => Prop.ForAll<byte[]>(bytes => Assert.True(DistinguishedName.Of(new X500DistinguishedName(bytes)) is null || bytes.Length > 1)).Check(Thousand);

    [Fact]
    public void Any_scope_is_granted_from_the_registered_ones_or_refused() => Prop.ForAll(HostileText.Of("openid", "email", "articles.read", "articles.write", "offline_access", " ", "\t", "\"", "\\", "ñ", "\ud800"), text =>
    {
        var client = Build.Client();
        return ScopeResolver.Resolve(client, Build.Catalog(), text).TryGet(out var granted, out var error)
            ? granted.All(client.Scopes.Contains) && granted.Distinct().Count() == granted.Length
            : error.Code == "invalid_scope" && error.Description.All(c => c is >= ' ' and <= '~' and not ('"' or '\\'));
    }).Check(Thousand);

    [Fact]
    public void Any_claims_parameter_names_known_claims_or_nothing() => Prop.ForAll(
        HostileText.Of("{", "}", "[", "]", "\"userinfo\"", "\"id_token\"", "\"name\"", "\"acr\"", "\"value\"", "\"values\"", ":", ",", "null", "true", "1", "\"\\ud800\""),
        text =>
        {
            string[] shapes = ["""{"userinfo":{T:null}}""", """{"id_token":{"sub":{"value":T},"acr":{"essential":true,"values":[T]}}}"""];
            foreach (var json in shapes.Select(shape => shape.Replace("T", text, StringComparison.Ordinal)).Append(text))
            {
                Assert.All(ClaimsRequest.Parse(json)?.All ?? [], name => Assert.Contains(name, StandardClaims.All));
            }
        }).Check(Thousand);

    private static JwtOutcome Validate(string token) =>
        JwtValidator.ValidateAsync(token, CraftedJwt.Rules, CraftedJwt.TrustedKeys, CraftedJwt.Clock).AsTask().GetAwaiter().GetResult();

    private static void AssertRoundTrip(ProtocolParameters parameters)
    {
        Assert.True(ProtocolParameters.TryParse(Encoding.ASCII.GetBytes(parameters.Encode()), out var again));
        Assert.Equal(parameters.Pairs, again.Pairs);
        Assert.Equal(parameters.Repeated, again.Repeated);
    }
}
