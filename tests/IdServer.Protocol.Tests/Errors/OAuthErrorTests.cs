using System.Reflection;
using IdServer.Protocol.Errors;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.Errors;

public sealed class OAuthErrorTests
{
    private static readonly MethodInfo[] Factories = [.. typeof(OAuthError).GetMethods(BindingFlags.Public | BindingFlags.Static).Where(m => m.ReturnType == typeof(OAuthError))];

    public static TheoryData<string> FactoryNames => [.. Factories.Select(f => f.Name)];

    [Theory]
    [MemberData(nameof(FactoryNames))]
    [Spec("RFC 6749", "§5.2")]
    [Spec("requirement", "16")]
    public void Every_error_has_a_registered_code_and_a_description_in_the_allowed_characters(string factory)
    {
        var error = Make(factory);

        Assert.Contains(error.Code, typeof(ErrorCodes).GetFields().Select(f => (string)f.GetRawConstantValue()!));
        Assert.All(error.Description, c => Assert.True(c is >= ' ' and <= '~' and not ('"' or '\\')));
    }

    [Theory]
    [InlineData(nameof(OAuthError.InvalidRequest), 400)]
    [InlineData(nameof(OAuthError.InvalidGrant), 400)]
    [InlineData(nameof(OAuthError.InvalidScope), 400)]
    [InlineData(nameof(OAuthError.UnauthorizedClient), 400)]
    [InlineData(nameof(OAuthError.UnsupportedGrantType), 400)]
    [InlineData(nameof(OAuthError.InvalidClient), 401)]
    [InlineData(nameof(OAuthError.InvalidToken), 401)]
    [InlineData(nameof(OAuthError.InsufficientScope), 403)]
    [InlineData(nameof(OAuthError.TooManyRequests), 429)]
    [InlineData(nameof(OAuthError.ServerError), 500)]
    [InlineData(nameof(OAuthError.TemporarilyUnavailable), 503)]
    [Spec("requirement", "26")]
    public void The_status_is_fixed_with_the_code(string factory, int status) => Assert.Equal(status, Make(factory).Status);

    [Fact]
    public void The_private_reason_is_never_part_of_the_text() =>
        Assert.DoesNotContain("no such client", OAuthError.InvalidClient("no such client").ToString(), StringComparison.Ordinal);

    [Fact]
    public void A_result_is_a_value_or_an_error()
    {
        OAuthResult<string> value = "text";
        OAuthResult<string> error = OAuthError.InvalidScope("No.");

        Assert.True(value.TryGet(out var text, out _));
        Assert.Equal("text", text);
        Assert.False(error.TryGet(out _, out var found));
        Assert.Equal("invalid_scope", found.Code);
    }

    private static OAuthError Make(string name)
    {
        var factory = Factories.Single(f => f.Name == name);
        var arguments = factory.GetParameters().Select(p =>
            p.ParameterType == typeof(string) ? "text" : p.ParameterType == typeof(TimeSpan) ? TimeSpan.FromSeconds(1) : p.DefaultValue);
        return (OAuthError)factory.Invoke(null, [.. arguments])!;
    }
}
