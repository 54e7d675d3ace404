using System.Text;
using IdServer.Protocol.Requests;
using IdServer.Testing;
using Xunit;

namespace IdServer.Protocol.Tests.Requests;

public sealed class ProtocolParametersTests
{
    [Fact]
    public void A_parameter_is_found_by_its_exact_name()
    {
        var parameters = ProtocolParameters.Of(("client_id", "app"));

        Assert.Equal("app", parameters["client_id"]);
        Assert.Null(parameters["Client_Id"]);
        Assert.Null(parameters["client_id "]);
        Assert.Null(parameters["state"]);
    }

    [Fact]
    [Spec("RFC 6749", "§3.1")]
    public void An_empty_value_counts_as_absent() => Assert.Null(ProtocolParameters.Of(("scope", ""))["scope"]);

    [Fact]
    [Spec("RFC 6749", "§3.1")]
    [Spec("requirement", "2")]
    public void The_first_repeated_name_is_remembered() =>
        Assert.Equal("state", ProtocolParameters.Of(("a", "1"), ("state", "x"), ("state", "y"), ("a", "2")).Repeated);

    [Theory]
    [InlineData("x", "x")]
    [InlineData("", "x")]
    [InlineData("x", "")]
    [InlineData("", "")]
    public void A_name_repeats_whatever_its_values(string first, string second) => Assert.Equal("state", ProtocolParameters.Of(("state", first), ("state", second)).Repeated);

    [Fact]
    public void An_escaped_name_repeats_a_plain_one()
    {
        Assert.True(ProtocolParameters.TryParse("state=x&%73tate=y"u8, out var parameters));

        Assert.Equal("state", parameters.Repeated);
    }

    [Fact]
    public void Unknown_names_may_not_repeat_either() => Assert.Equal("foo", ProtocolParameters.Of(("foo", "1"), ("foo", "2")).Repeated);

    [Fact]
    public void Names_that_differ_in_case_are_two() => Assert.Null(ProtocolParameters.Of(("state", "x"), ("State", "y")).Repeated);

    [Fact]
    [Spec("RFC 8707", "§2")]
    public void Resource_may_repeat() => Assert.Null(ProtocolParameters.Of(("resource", "https://a"), ("resource", "https://b")).Repeated);

    [Fact]
    public void A_name_repeated_beside_resource_is_noticed() =>
        Assert.Equal("state", ProtocolParameters.Of(("resource", "a"), ("resource", "b"), ("state", "x"), ("state", "x")).Repeated);

    public static TheoryData<string, string> Texts => new()
    {
        { "plain", "value" }, { "", "" }, { "", "x" }, { "x", "" }, { "a&b=c", "d&e=f" }, { "ñandú", "🔑 clave" }, { "percent%", "%41 %" }, { "plus+", "1+1" },
        { "newline\r\n", "\t\0" }, { "state", new string('é', 40_000) }, { "redirect_uri", "https://app.example/cb?x=1&y=%20#z" }, { "bom", "\uFEFF" }, { "claims", """{"userinfo":{"name":null}}""" },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void What_is_encoded_is_parsed_back_unchanged(string name, string value)
    {
        var parameters = ProtocolParameters.Of(("first", "1"), (name, value), ("last", "2"));

        Assert.True(ProtocolParameters.TryParse(Encoding.ASCII.GetBytes(parameters.Encode()), out var parsed));

        Assert.Equal(parameters.Pairs, parsed.Pairs);
    }

    [Fact]
    public void Repetition_survives_encoding()
    {
        Assert.True(ProtocolParameters.TryParse(Encoding.ASCII.GetBytes(ProtocolParameters.Of(("a", "1"), ("a", "2")).Encode()), out var parsed));

        Assert.Equal("a", parsed.Repeated);
    }

    [Fact]
    public void Encoded_text_is_plain_ASCII_without_separators_of_its_own() => Assert.Equal("%C3%B1%26=a%20%3D%2B", ProtocolParameters.Of(("ñ&", "a =+")).Encode());
}
