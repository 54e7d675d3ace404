using System.Text;
using FsCheck;
using FsCheck.Fluent;
using IdServer.Protocol.ClientAuthentication;
using IdServer.Protocol.DeviceAuthorization;
using IdServer.Protocol.Requests;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests;

/// <summary>Whatever a stranger sends as a credential is read as what it is or not at all, never an exception; what is well formed is read as it was written.</summary>
public sealed class HostileCredentialsTests
{
    private static readonly ClientSecretBasic Basic = new(TimeProvider.System);

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
    [Spec("RFC 8628", "§6.1")]
    public void A_code_of_ours_is_read_however_it_is_typed() => Prop.ForAll(Gen.Elements("", "-", " ", " - ", ".").ToArbitrary(), separator =>
    {
        var code = UserCode.New();
        return UserCode.TryParse(string.Join(separator, code.Chunk(4).Select(half => new string(half))).ToLowerInvariant(), out var read) && read == code;
    }).Check(HostileText.Thousand);

    // Text that UTF-8 can carry, short enough for a header of 1024 characters.
    private static Arbitrary<string> Credentials => HostileText.Of("a", ":", "%", "+", "&", "=", "ñ", "€", " ", "\0").Filter(text => text.Length < 40 && !text.Any(char.IsSurrogate));

    private static ClientEvidence? Read(string credentials) =>
        Basic.Read(new ProtocolParameters(), new RequestContext("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)), null));
}
