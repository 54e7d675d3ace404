using IdServer.ResourceServer;
using Microsoft.Extensions.Options;
using Xunit;

namespace IdServer.Tests.ResourceServer;

public sealed class ResourceServerOptionsTests
{
    [Fact]
    public async Task An_api_without_issuer_and_audience_does_not_start()
    {
        var faults = await FaultsAsync(_ => { });

        Assert.Contains(faults, f => f.StartsWith("Issuer is missing", StringComparison.Ordinal));
        Assert.Contains(faults, f => f.StartsWith("Audience is missing", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http://id.example.com", "write an https address")]
    [InlineData("https://id.example.com/", "without query, fragment or trailing slash")]
    [InlineData("https://id.example.com?a=b", "without query, fragment or trailing slash")]
    [InlineData("id.example.com", "write an absolute address")]
    [InlineData("ftp://id.example.com", "write an https address")]
    public async Task An_issuer_that_cannot_be_trusted_is_refused(string issuer, string advice)
    {
        var fault = Assert.Single(await FaultsAsync(o => (o.Issuer, o.Audience) = (issuer, "api")));

        Assert.Contains(advice, fault);
    }

    [Theory]
    [InlineData("https://id.example.com/tenant")]
    [InlineData("http://localhost:5100")]
    [InlineData("http://127.0.0.1:5100")]
    public async Task Https_or_loopback_is_accepted(string issuer) =>
        Assert.Empty(await FaultsAsync(o => (o.Issuer, o.Audience) = (issuer, "api")));

    [Theory]
    [InlineData(TokenValidation.Introspection)]
    [InlineData(TokenValidation.Both)]
    public async Task Introspection_needs_credentials(TokenValidation validation)
    {
        var fault = Assert.Single(await FaultsAsync(o => (o.Issuer, o.Audience, o.Validation) = ("https://id.example.com", "api", validation)));

        Assert.Contains("ClientId and ClientSecret", fault);
    }

    [Fact]
    public async Task Times_have_bounds()
    {
        var faults = await FaultsAsync(o =>
        {
            (o.Issuer, o.Audience) = ("https://id.example.com", "api");
            o.ClockSkew = TimeSpan.FromHours(1);
            o.IntrospectionCache = TimeSpan.FromMinutes(2);
            o.BackchannelTimeout = TimeSpan.Zero;
        });

        Assert.Equal(3, faults.Count);
    }

    private static async Task<IReadOnlyList<string>> FaultsAsync(Action<ResourceServerOptions> configure)
    {
        try
        {
            await using var api = await ProtectedApi.StartAsync(TimeProvider.System, configure);
            return [];
        }
        catch (OptionsValidationException e)
        {
            return [.. e.Failures];
        }
    }
}
