using System.Diagnostics;
using System.Net;
using System.Text;
using IdServer.Testing;
using Xunit;

namespace IdServer.Tests.Fetching;

[Spec("requirement", "22")]
[Attack("SSRF")]
public sealed class SafeFetcherTests : FetcherTests
{
    [Fact]
    public async Task A_document_of_a_named_host_is_fetched()
    {
        await using var server = ScriptedServer.Answering("200 OK", """{"keys":[]}""");

        Assert.Equal("""{"keys":[]}""", Encoding.UTF8.GetString((await FetchAsync(server, "/jwks?a=b"))!));
        Assert.StartsWith("GET /jwks?a=b HTTP/1.1\r\n", Assert.Single(server.Requests), StringComparison.Ordinal);
        Assert.Empty(Logs.Entries);
    }

    [Fact]
    public async Task Nothing_of_ours_goes_with_the_request()
    {
        await using var server = ScriptedServer.Answering("200 OK\r\nSet-Cookie: a=b");
        using var activity = new Activity("request").Start();
        using var fetcher = NewFetcher(server.Name);

        await fetcher.FetchAsync(Address(server), 100, Ct);
        await fetcher.FetchAsync(Address(server), 100, Ct);

        var headers = server.Requests[1].Split("\r\n")[1..].Where(line => line.Length > 0).Select(line => line.Split(':')[0]);
        Assert.Equal(["Accept", "Host", "User-Agent"], headers.Order(StringComparer.Ordinal)); // no cookie, no trace
        Assert.Equal(2, server.Connections); // each is checked
    }

    [Theory]
    [InlineData("https://localhost/jwks")] // a private address by a DNS name
    [InlineData("https://LOCALHOST/jwks")]
    [InlineData("https://127.0.0.1/jwks")]
    [InlineData("https://2130706433/jwks")] // decimal
    [InlineData("https://0x7f000001/jwks")] // hexadecimal
    [InlineData("https://0x7f.0.0.1/jwks")]
    [InlineData("https://0177.0.0.1/jwks")] // octal
    [InlineData("https://017700000001/jwks")]
    [InlineData("https://127.1/jwks")]
    [InlineData("https://0/jwks")]
    [InlineData("https://①②⑦.⓪.⓪.①/jwks")] // digits of another script
    [InlineData("https://169.254.169.254/latest/meta-data/")]
    [InlineData("https://10.0.0.1/jwks")]
    [InlineData("https://[::1]/jwks")]
    [InlineData("https://[::]/jwks")]
    [InlineData("https://[::ffff:127.0.0.1]/jwks")]
    [InlineData("https://[::ffff:7f00:1]/jwks")]
    [InlineData("https://[64:ff9b::7f00:1]/jwks")]
    [InlineData("https://[2002:7f00:1::]/jwks")]
    [InlineData("https://[fd00::1]/jwks")]
    [InlineData("https://[fe80::1%251]/jwks")]
    public async Task No_private_address_is_connected_to_however_it_is_written(string address)
    {
        using var fetcher = NewFetcher();

        Assert.Null(await fetcher.FetchAsync(new Uri(address), 100, Ct));
        Assert.Contains("not a public address", Assert.Single(Logs.Entries).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://{0}/jwks", "localhost:{0}")] // the name is named, the address is not
    [InlineData("http://127.0.0.1:{0}/jwks", "127.0.0.1:1")]
    [InlineData("http://127.0.0.1:{0}/jwks", "127.0.0.1:{0}0")]
    [InlineData("http://127.0.0.1:{0}@localhost/jwks", "127.0.0.1:{0}")]
    [InlineData("http://user@127.0.0.1:{0}/jwks", "127.0.0.1:{0}")]
    [InlineData("ftp://127.0.0.1:{0}/jwks", "127.0.0.1:{0}")]
    [InlineData("file:///etc/hostname", "127.0.0.1:{0}")]
    [InlineData("https://example.com:8443/jwks", "127.0.0.1:{0}")]
    [InlineData("http://example.com/jwks", "127.0.0.1:{0}")]
    [InlineData("/jwks", "127.0.0.1:{0}")]
    public async Task What_is_neither_https_on_its_port_nor_named_exactly_is_not_asked(string address, string named)
    {
        await using var server = ScriptedServer.Answering("200 OK");
        using var fetcher = NewFetcher(string.Format(null, named, server.Port));
        var uri = new Uri(string.Format(null, address, address.Contains("//{0}", StringComparison.Ordinal) ? server.Name : server.Port), UriKind.RelativeOrAbsolute);

        Assert.Null(await fetcher.FetchAsync(uri, 100, Ct));
        Assert.Empty(server.Requests);
        Assert.Contains("neither https on port 443 nor named", Assert.Single(Logs.Entries).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_named_host_may_be_a_DNS_name_or_IPv6()
    {
        await using var four = ScriptedServer.Answering("200 OK");
        await using var six = ScriptedServer.Start((stream, ct) => ScriptedServer.WriteAsync(stream, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", ct), IPAddress.IPv6Loopback);
        using var fetcher = NewFetcher($"LocalHost:{four.Port}", $"[::1]:{six.Port}");

        Assert.NotNull(await fetcher.FetchAsync(new Uri($"http://localhost:{four.Port}/"), 100, Ct));
        Assert.NotNull(await fetcher.FetchAsync(new Uri($"http://[::1]:{six.Port}/"), 100, Ct));
    }

    [Theory]
    [InlineData("301 Moved Permanently")]
    [InlineData("302 Found")]
    [InlineData("307 Temporary Redirect")]
    [InlineData("308 Permanent Redirect")]
    public async Task A_redirect_is_not_followed(string status)
    {
        await using var target = ScriptedServer.Answering("200 OK");
        await using var server = ScriptedServer.Answering($"{status}\r\nLocation: http://{target.Name}/");
        using var fetcher = NewFetcher(server.Name, target.Name);

        Assert.Null(await fetcher.FetchAsync(Address(server), 100, Ct));
        Assert.Empty(target.Requests);
    }

    [Theory]
    [InlineData("201 Created")]
    [InlineData("204 No Content")]
    [InlineData("404 Not Found")]
    [InlineData("500 Internal Server Error")]
    public async Task Another_status_than_200_is_no_document(string status)
    {
        await using var server = ScriptedServer.Answering(status);

        Assert.Null(await FetchAsync(server));
    }

    [Theory]
    [InlineData("nonsense\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{}")] // less than promised
    [InlineData("")]
    public async Task An_answer_that_is_broken_is_no_document(string said)
    {
        await using var server = ScriptedServer.Start((stream, ct) => ScriptedServer.WriteAsync(stream, said, ct));

        Assert.Null(await FetchAsync(server));
    }

    [Fact]
    public async Task A_host_that_does_not_exist_or_answer_is_no_document()
    {
        using var fetcher = NewFetcher("127.0.0.1:1");

        Assert.Null(await fetcher.FetchAsync(new Uri("https://no-such-host.invalid/jwks"), 100, Ct));
        Assert.Null(await fetcher.FetchAsync(new Uri("http://127.0.0.1:1/jwks"), 100, Ct));
    }

    [Fact]
    public async Task A_caller_that_goes_away_is_told_so()
    {
        await using var server = ScriptedServer.Start((stream, ct) => stream.ReadAsync(new byte[1], ct).AsTask());
        using var fetcher = NewFetcher(server.Name);
        using var gone = new CancellationTokenSource();
        var fetch = fetcher.FetchAsync(Address(server), 100, gone.Token);
        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await fetch);
    }
}
