using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using IdServer.Protocol.ClientAuthentication;
using IdServer.Protocol.DeviceAuthorization;
using IdServer.Protocol.Requests;
using IdServer.Testing;
using IdServer.Tokens.DPoP;
using IdServer.Tokens.Registries;
using IdServer.Tokens.Replay;
using Xunit;

namespace IdServer.Protocol.Tests;

/// <summary>Whatever a stranger sends as a credential is read as what it is or not at all, never an exception; what is well formed is read as it was written.</summary>
public sealed class HostileCredentialsTests
{
    private static readonly ClientSecretBasic Basic = new(TimeProvider.System);
    private static readonly ManualClock Clock = new();

    [Fact]
    [Spec("RFC 6749", "§2.3.1")]
    [Spec("requirement", "25")]
    public void Any_id_and_secret_come_out_of_a_basic_header_as_they_went_in() => Prop.ForAll(Credentials, Credentials, (id, secret) =>
        Read($"{Uri.EscapeDataString(id)}:{Uri.EscapeDataString(secret)}") == (id.Length == 0 ? null : new ClientEvidence(id, secret))).Check(HostileText.Thousand);

    [Fact]
    [Spec("requirement", "25")]
    public void Any_text_in_a_basic_header_is_credentials_or_none() => Prop.ForAll(HostileText.Of("app", ":", "%", "%3A", "%C3%B1", "%FF", "+", "%00", "ñ", "\ud800", " "), text =>
        Read(text) is not { } evidence || (evidence.ClientId.Length > 0 && text.Contains(':', StringComparison.Ordinal))).Check(HostileText.Thousand);

    [Fact]
    [Spec("RFC 7617", "§2")]
    public void Any_text_after_the_scheme_is_credentials_or_none() => Prop.ForAll(HostileText.Of("YXBwOnNlY3JldA", "=", "==", "YXBw", "Og", "-", "_", " ", "\t", "\0", "Basic "), text =>
    {
        var context = new RequestContext("Basic " + text, null);
        Assert.True(Basic.Recognizes(new ProtocolParameters(), context));
        return Basic.Read(new ProtocolParameters(), context) is not { ClientId: "" };
    }).Check(HostileText.Thousand);

    [Fact]
    [Spec("RFC 6749", "appendix B")]
    public void Any_text_comes_out_of_form_encoding_as_it_went_in() => Prop.ForAll(Credentials, text =>
        FormUrlEncoding.TryDecode(Encoding.ASCII.GetBytes(Uri.EscapeDataString(text)), out var decoded) && decoded == text
        && FormUrlEncoding.TryDecode(Encoding.ASCII.GetBytes(Uri.EscapeDataString(text).Replace("%20", "+", StringComparison.Ordinal)), out decoded) && decoded == text).Check(HostileText.Thousand);

    [Fact]
    public void Any_parameters_come_out_of_a_form_as_they_went_in() => Prop.ForAll(Credentials, Credentials, (name, value) =>
    {
        var sent = ProtocolParameters.Of((name + "n", value), (Parameters.State, value), (Parameters.Resource, name), (Parameters.Resource, value));
        return ProtocolParameters.TryParse(Encoding.ASCII.GetBytes(sent.Encode()), out var read) && read.Pairs.SequenceEqual(sent.Pairs) && read.Repeated == sent.Repeated;
    }).Check(HostileText.Thousand);

    [Fact]
    [Spec("RFC 8628", "§6.1")]
    [Spec("requirement", "49")]
    public void Any_typed_text_is_a_user_code_or_none() => Prop.ForAll(HostileText.Of("WDJB", "MJHT", "wdjb", "-", " ", "A", "0", "ß", "ſ", "ı", "\ud800", "\0"), typed =>
        !UserCode.TryParse(typed, out var code) || (code.Length == 8 && UserCode.TryParse(UserCode.Show(code), out var again) && again == code)).Check(HostileText.Thousand);

    [Fact]
    [Spec("RFC 9449", "§4.3"), Spec("requirement", "38")]
    public void Any_text_in_the_header_DPoP_is_no_proof_unless_it_is_one()
    {
        var good = new ProofSigner().Make("POST", Build.Issuer + "/connect/token", Clock.Now);
        Prop.ForAll(HostileText.Of([.. good.Split('.'), ".", "..", "e30", "eyJhbGciOiJub25lIn0", "bnVsbA", "=", ",", " ", "\ud800"]), text => text == good || ProofOf(text).Proof is null).Check(HostileText.Thousand);
    }

    [Fact]
    [Spec("RFC 9449", "§4.3"), Spec("requirement", "38")]
    public void A_proof_with_any_members_is_an_outcome()
    {
        var signer = new ProofSigner();
        var values = new[] { "1", "-1", "1e999", "null", "true", "[]", "{}", "\"\"", "\"POST\"", "\"ES256\"", "\"dpop+jwt\"", "\"EC\"", "\"P-256\"", "\"AQAB\"", "\"half a pair\"", $"\"{Build.Issuer}/connect/token\"" };
        var members = Gen.Elements("typ", "alg", "jwk", "crit", "kty", "crv", "x", "y", "n", "e", "d", "jti", "htm", "htu", "iat", "ath", "nonce").Zip(Gen.Elements(values)).ListOf();
        Prop.ForAll(members.ToArbitrary(), members.ToArbitrary(), (header, claims) =>
        {
            var (head, body) = (new JsonObject { ["typ"] = "dpop+jwt", ["alg"] = "ES256", ["jwk"] = signer.Jwk.DeepClone() }, new JsonObject { ["jti"] = "1", ["htm"] = "POST", ["htu"] = Build.Issuer + "/connect/token", ["iat"] = Clock.Now.ToUnixTimeSeconds() });
            return Enum.IsDefined(ProofOf(signer.MakeOf(Bent(head, header), Bent(body, claims))).Fault);
        }).Check(HostileText.Thousand);

        // A key's own members go into the key. Half of a surrogate pair is JSON that no JsonNode can hold.
        static string Bent(JsonObject json, IEnumerable<(string Name, string Value)> members)
        {
            foreach (var (name, value) in members)
            {
                var target = name is "kty" or "crv" or "x" or "y" or "n" or "e" or "d" && json["jwk"] is JsonObject key ? key : json;
                target[name] = JsonNode.Parse(value);
            }

            return json.ToJsonString().Replace("half a pair", "\\ud800", StringComparison.Ordinal);
        }
    }

    [Fact]
    [Spec("RFC 8628", "§6.1")]
    public void A_code_of_ours_is_read_however_it_is_typed() => Prop.ForAll(Gen.Elements("", "-", " ", " - ", ".").ToArbitrary(), separator =>
    {
        var code = UserCode.New();
        return UserCode.TryParse(string.Join(separator, code.Chunk(4).Select(half => new string(half))).ToLowerInvariant(), out var read) && read == code;
    }).Check(HostileText.Thousand);

    private static DPoPOutcome ProofOf(string text) =>
        new DPoPProofValidator(new MemoryReplayCache(Clock), Clock).ValidateAsync(text, new DPoPRequest("POST", Build.Issuer + "/connect/token"), CancellationToken.None).AsTask().GetAwaiter().GetResult();

    // Text that UTF-8 can carry, short enough for a header of 1024 characters.
    private static Arbitrary<string> Credentials => HostileText.Of("a", ":", "%", "+", "&", "=", "ñ", "€", " ", "\0").Filter(text => text.Length < 40 && !text.Any(char.IsSurrogate));

    private static ClientEvidence? Read(string credentials) =>
        Basic.Read(new ProtocolParameters(), new RequestContext("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)), null));
}
