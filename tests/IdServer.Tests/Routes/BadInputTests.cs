using System.Net;
using System.Text;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Routes;

/// <summary>What no endpoint may be confused by: each gets the exact error of RFC 6749, writes nothing and shows nothing of the inside.</summary>
public sealed class BadInputTests(RunningServer server) : IClassFixture<RunningServer>, IAsyncLifetime
{
    private const string Form = "application/x-www-form-urlencoded";
    private const int Limit = 64 * 1024;

    private long rowsBefore;

    public static TheoryData<string> Endpoints => ["connect/token", "connect/par", "connect/introspect", "connect/revocation"];

    public async ValueTask InitializeAsync() => rowsBefore = await server.CountRowsAsync();

    public async ValueTask DisposeAsync() => Assert.Equal(rowsBefore, await server.CountRowsAsync());

    [Theory]
    [MemberData(nameof(Endpoints))]
    [Spec("RFC 6749", "§3.2")]
    public async Task Another_content_type_is_invalid_request(string path)
    {
        foreach (var type in new[] { "application/json", "text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded; charset=iso-8859-1", "nonsense" })
        {
            using var response = await SendAsync(path, "grant_type=client_credentials&token=x", type);
            await response.AssertErrorAsync(400, ErrorCodes.InvalidRequest);
        }
    }

    [Theory]
    [MemberData(nameof(Endpoints))]
    [Spec("RFC 6749", "§3.2")]
    public async Task A_body_without_content_type_is_invalid_request(string path)
    {
        using var body = new ByteArrayContent("grant_type=client_credentials&token=x"u8.ToArray());
        using var response = await server.SendAsync(HttpMethod.Post, path, Wire.Basic(Declared.App), body);

        await response.AssertErrorAsync(400, ErrorCodes.InvalidRequest);
    }

    [Theory]
    [MemberData(nameof(Endpoints))]
    [Spec("requirement", "2")]
    public async Task A_parameter_given_twice_is_invalid_request(string path)
    {
        foreach (var body in new[] { "token=a&token=b", "token=a&token=a", "token=a&x=1&x=2&grant_type=client_credentials", "token=a&%74oken=b" })
        {
            using var response = await SendAsync(path, body);
            await response.AssertErrorAsync(400, ErrorCodes.InvalidRequest);
        }
    }

    [Theory]
    [MemberData(nameof(Endpoints))]
    [Spec("RFC 6749", "§5.2")]
    public async Task Bytes_that_are_not_utf8_are_invalid_request(string path)
    {
        foreach (var body in new[] { "token=%FF%FE", "token=%C3", "token=%ED%A0%80", "token=%C0%AF", "token=%zz", "token=abc%2", "tok%FFen=a" })
        {
            using var response = await SendAsync(path, body);
            await response.AssertErrorAsync(400, ErrorCodes.InvalidRequest);
        }

        using var raw = await server.SendAsync(HttpMethod.Post, path, Wire.Basic(Declared.App), new ByteArrayContent([.. "token="u8, 0xFF, 0xFE]) { Headers = { ContentType = new(Form) } });
        await raw.AssertErrorAsync(400, ErrorCodes.InvalidRequest);
    }

    [Theory]
    [MemberData(nameof(Endpoints))]
    [Spec("RFC 9110", "§15.5.14")]
    public async Task A_body_over_64_KB_is_413(string path)
    {
        using var declared = await SendAsync(path, "token=" + new string('a', Limit), headers: Wire.AskFirst);
        await declared.AssertErrorAsync(413, ErrorCodes.InvalidRequest);

        using var chunked = await server.SendAsync(HttpMethod.Post, path, Wire.Basic(Declared.App), new UndeclaredContent());
        await chunked.AssertErrorAsync(413, ErrorCodes.InvalidRequest);
    }

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task A_body_of_exactly_64_KB_is_read(string path)
    {
        const string start = "token=x&grant_type=urn:other&token_type_hint=";
        using var response = await SendAsync(path, start + new string('a', Limit - start.Length));

        Assert.NotEqual(413, (int)response.StatusCode);
    }

    [Theory]
    [MemberData(nameof(Endpoints))]
    [Spec("requirement", "25")]
    [Spec("RFC 6749", "§2.3.1")]
    public async Task A_secret_in_the_query_is_invalid_request(string path)
    {
        foreach (var name in new[] { "client_secret", "token", "refresh_token", "code", "password", "access_token", "client_assertion", "code_verifier", "%74oken" })
        {
            using var response = await SendAsync($"{path}?{name}=x", "token=x&grant_type=client_credentials");
            await response.AssertErrorAsync(400, ErrorCodes.InvalidRequest);
        }
    }

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task An_unknown_client_is_invalid_client(string path)
    {
        using var response = await server.PostAsync(path, Wire.Basic("nobody"), (Parameters.GrantType, GrantTypes.ClientCredentials), (Parameters.Token, "x"));

        await response.AssertErrorAsync(401, ErrorCodes.InvalidClient);
    }

    [Theory]
    [InlineData("Basic")]
    [InlineData("Basic !!!!")]
    [InlineData("Basic YXBw")] // no colon
    [InlineData("Basic /w==")] // not UTF-8
    [InlineData("Basic YXBwOiVaWg==")] // app:%ZZ
    [InlineData("Digest username=app")]
    [InlineData("Bearer x")]
    public async Task A_broken_authorization_header_never_passes(string header)
    {
        using var response = await server.SendAsync(
            HttpMethod.Post, "connect/token", body: new StringContent("grant_type=client_credentials", Encoding.ASCII, Form), headers: ("Authorization", header));

        Assert.True((int)response.StatusCode is 400 or 401);
        Assert.True((await response.JsonAsync()).Text(Parameters.Error) is ErrorCodes.InvalidClient or ErrorCodes.InvalidRequest);
        response.AssertNotStored();
    }

    [Fact]
    public async Task A_path_that_is_not_there_is_404()
    {
        using var response = await server.SendAsync(HttpMethod.Get, "connect/nothing");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    private Task<HttpResponseMessage> SendAsync(string path, string body, string contentType = Form, params (string Name, string Value)[] headers)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return server.SendAsync(HttpMethod.Post, path, Wire.Basic(Declared.App), content, headers);
    }

    // A body that does not say how long it is. Its last part goes beyond the limit: who sends more than the server reads may find the connection closed.
    private sealed class UndeclaredContent : HttpContent
    {
        public UndeclaredContent() => Headers.ContentType = new(Form);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync("token="u8.ToArray());
            var part = Encoding.ASCII.GetBytes(new string('a', 8192));
            for (var written = 0; written < Limit; written += part.Length)
            {
                await stream.WriteAsync(part);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
