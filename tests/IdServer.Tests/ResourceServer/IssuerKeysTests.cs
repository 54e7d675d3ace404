using IdServer.Testing;
using IdServer.Tokens.Jose;
using Xunit;

namespace IdServer.Tests.ResourceServer;

public sealed class IssuerKeysTests : IAsyncLifetime
{
    private TestIssuer issuer = null!;
    private ProtectedApi api = null!;

    public async ValueTask InitializeAsync()
    {
        issuer = await TestIssuer.StartAsync();
        api = await ProtectedApi.StartAsync(issuer);
    }

    public async ValueTask DisposeAsync()
    {
        await api.DisposeAsync();
        await issuer.DisposeAsync();
    }

    [Fact]
    [Spec("requirement", "43")]
    public async Task A_token_of_a_new_key_is_accepted_after_one_more_read()
    {
        Assert.Equal(200, (await api.GetAsync("/me", issuer.Token())).Status);
        issuer.Clock.Advance(TimeSpan.FromSeconds(31));
        Rotate();

        Assert.Equal(200, (await api.GetAsync("/me", issuer.Token())).Status);
        Assert.Equal(2, issuer.JwksReads);
    }

    [Fact]
    public async Task Invented_keys_cost_the_issuer_one_read_in_thirty_seconds()
    {
        Assert.Equal(200, (await api.GetAsync("/me", issuer.Token())).Status);
        issuer.Clock.Advance(TimeSpan.FromSeconds(31));

        for (var i = 0; i < 5; i++)
        {
            var answer = await api.GetAsync("/me", issuer.Token(key: issuer.NewKey()));
            Assert.Equal((401, "TOKEN_INVALID"), (answer.Status, answer.Codigo));
        }

        Assert.Equal(2, issuer.JwksReads);
        issuer.Clock.Advance(TimeSpan.FromSeconds(31));
        await api.GetAsync("/me", issuer.Token(key: issuer.NewKey()));
        Assert.Equal(3, issuer.JwksReads);
    }

    [Fact]
    public async Task Many_first_callers_share_one_read()
    {
        var token = issuer.Token();

        var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => api.GetAsync("/me", token)));

        Assert.All(answers, a => Assert.Equal(200, a.Status));
        Assert.Equal(1, issuer.JwksReads);
    }

    [Fact]
    public async Task A_withdrawn_key_is_found_out_within_the_hour()
    {
        var old = issuer.Token();
        Assert.Equal(200, (await api.GetAsync("/me", old)).Status);
        Rotate();
        issuer.Clock.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(200, (await api.GetAsync("/me", old)).Status);
        issuer.Clock.Advance(TimeSpan.FromMinutes(2));

        var stillGood = issuer.Token(new() { ["exp"] = issuer.Clock.Now.AddHours(1).ToUnixTimeSeconds() }, key: Retired);
        var status = 200;
        for (var attempt = 0; attempt < 100 && status == 200; attempt++) // the new documents are read behind the caller's back
        {
            status = (await api.GetAsync("/me", stillGood)).Status;
        }

        Assert.Equal(401, status);
    }

    [Fact]
    public async Task Old_keys_serve_while_the_issuer_is_down()
    {
        Assert.Equal(200, (await api.GetAsync("/me", issuer.Token())).Status);
        issuer.Down = true;
        issuer.Clock.Advance(TimeSpan.FromHours(5));

        Assert.Equal(200, (await api.GetAsync("/me", issuer.Token())).Status);
        Assert.Equal("TOKEN_INVALID", (await api.GetAsync("/me", issuer.Token(key: issuer.NewKey()))).Codigo);
        Assert.Equal(200, (await api.GetAsync("/me", issuer.Token())).Status);
    }

    [Fact]
    public async Task An_issuer_that_was_never_reached_means_503_until_it_answers()
    {
        issuer.Down = true;
        var answer = await api.GetAsync("/me", issuer.Token());
        Assert.Equal((503, "ISSUER_UNAVAILABLE", "5"), (answer.Status, answer.Codigo, answer.Headers["Retry-After"]));
        Assert.Null(answer.Challenge);
        Assert.Equal(200, (await api.GetAsync("/optional")).Status);

        issuer.Down = false;
        issuer.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await api.GetAsync("/me", issuer.Token())).Status);
    }

    [Fact]
    [Spec("RFC 8414", "§3.3")]
    public async Task Metadata_of_another_issuer_is_not_believed()
    {
        issuer.ClaimedIssuer = "https://other.example.com";

        Assert.Equal(503, (await api.GetAsync("/me", issuer.Token())).Status);
        Assert.Equal(0, issuer.JwksReads);
    }

    [Fact]
    public async Task A_key_set_of_unreasonable_size_is_not_read()
    {
        issuer.JwksPadding = 300 * 1024;

        Assert.Equal(503, (await api.GetAsync("/me", issuer.Token())).Status);
    }

    private SigningKey Retired { get; set; } = null!;

    private void Rotate()
    {
        Retired = issuer.Key;
        issuer.Key = issuer.NewKey();
        issuer.Published = [issuer.Key.PublicKey];
    }
}
