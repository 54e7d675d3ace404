using IdServer.Protocol.Clients;
using IdServer.Testing;
using Xunit;

namespace IdServer.Protocol.Tests.Clients;

public sealed class ClientSecretTests
{
    private static readonly DateTimeOffset Now = new ManualClock().Now;

    [Fact]
    public void The_right_secret_matches() => Assert.True(ClientSecret.Of(Build.ClientSecret).Matches(ClientSecret.DigestOf(Build.ClientSecret), Now));

    [Theory]
    [InlineData("")]
    [InlineData("a-client-secret-of-enough-characters-012345678")]
    [InlineData("A-client-secret-of-enough-characters-0123456789")]
    [InlineData("a-client-secret-of-enough-characters-0123456789 ")]
    public void Another_secret_does_not(string secret) => Assert.False(ClientSecret.Of(Build.ClientSecret).Matches(ClientSecret.DigestOf(secret), Now));

    [Fact]
    public void The_secret_itself_is_no_digest() => Assert.False(ClientSecret.Of(Build.ClientSecret).Matches(System.Text.Encoding.UTF8.GetBytes(Build.ClientSecret), Now));

    [Theory]
    [InlineData(1, true)]
    [InlineData(0, false)]
    [InlineData(-1, false)]
    public void An_expired_secret_does_not_match(int seconds, bool matches) =>
        Assert.Equal(matches, ClientSecret.Of(Build.ClientSecret, Now.AddSeconds(seconds)).Matches(ClientSecret.DigestOf(Build.ClientSecret), Now));
}
