using System.Text;
using IdServer.Protocol.ClientAuthentication;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Events;
using IdServer.Protocol.Requests;
using IdServer.Protocol.Tests.Token;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.ClientAuthentication;

[Spec("RFC 6749", "§2.3"), Spec("requirement", "25")]
public sealed class ClientAuthenticatorTests
{
    private const string Secret = Build.ClientSecret;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Basic")]
    [InlineData("basic")]
    [InlineData("BASIC")]
    [Spec("RFC 9110", "§11.1")]
    public async Task A_client_authenticates_by_Basic_whatever_the_case_of_the_scheme(string scheme)
    {
        await using var room = await TokenRoom.OpenAsync();

        Assert.Equal("app", await ClientIdAsync(room, scheme + TokenRoom.Basic("app", Secret)["Basic".Length..]));
    }

    [Fact]
    [Spec("RFC 6749", "§2.3.1")]
    public async Task Basic_credentials_are_form_url_decoded_after_base64()
    {
        await using var room = await TokenRoom.OpenAsync();
        const string id = "app:with colon+ñ";
        const string secret = "a secret: 100% & more than enough + ñandú";
        room.Add(m => m with { ClientId = id, ClientSecret = secret });

        Assert.Equal(id, await ClientIdAsync(room, TokenRoom.Basic(id, secret)));
        Assert.Equal(id, await ClientIdAsync(room, Base64($"app%3Awith+colon%2B%C3%B1:{Uri.EscapeDataString(secret).Replace("%20", "+", StringComparison.Ordinal)}")));
    }

    [Fact]
    [Spec("RFC 6749", "§2.3.1")]
    public async Task A_client_authenticates_by_id_and_secret_in_the_body()
    {
        await using var room = await TokenRoom.OpenAsync();
        room.Add(m => m with { ClientId = "post", TokenEndpointAuthMethod = "client_secret_post" });

        Assert.Equal("post", await ClientIdAsync(room, null, (Parameters.ClientId, "post"), (Parameters.ClientSecret, Secret)));
    }

    [Fact]
    [Spec("RFC 6749", "§3.2.1")]
    public async Task A_public_client_names_itself()
    {
        await using var room = await TokenRoom.OpenAsync();
        room.AddPublic();

        Assert.Equal("public-app", await ClientIdAsync(room, null, (Parameters.ClientId, "public-app")));
    }

    [Fact]
    public async Task Two_methods_in_one_request_are_invalid_request()
    {
        await using var room = await TokenRoom.OpenAsync();
        var basic = TokenRoom.Basic("app", Secret);

        await RefusedAsync(room, "invalid_request", basic, (Parameters.ClientSecret, Secret));
        await RefusedAsync(room, "invalid_request", basic, (Parameters.ClientAssertion, "x"));
        await RefusedAsync(room, "invalid_request", null, (Parameters.ClientId, "app"), (Parameters.ClientSecret, Secret), (Parameters.ClientAssertion, "x"));
        await RefusedAsync(room, "invalid_request", "Bearer x", (Parameters.ClientId, "app"), (Parameters.ClientSecret, Secret));
    }

    [Fact]
    public async Task A_client_id_in_the_body_may_stand_beside_Basic_when_it_is_the_same()
    {
        await using var room = await TokenRoom.OpenAsync();

        Assert.Equal("app", await ClientIdAsync(room, TokenRoom.Basic("app", Secret), (Parameters.ClientId, "app")));
        await RefusedAsync(room, "invalid_request", TokenRoom.Basic("app", Secret), (Parameters.ClientId, "other"));
    }

    [Fact]
    public async Task Only_the_registered_method_is_accepted()
    {
        await using var room = await TokenRoom.OpenAsync();
        room.Add(m => m with { ClientId = "post", TokenEndpointAuthMethod = "client_secret_post" });
        room.AddPublic();

        await RefusedAsync(room, "invalid_client", null, (Parameters.ClientId, "app"), (Parameters.ClientSecret, Secret));
        await RefusedAsync(room, "invalid_client", null, (Parameters.ClientId, "app"));
        await RefusedAsync(room, "invalid_client", TokenRoom.Basic("post", Secret));
        await RefusedAsync(room, "invalid_client", TokenRoom.Basic("public-app", Secret));
        await RefusedAsync(room, "invalid_client", null, (Parameters.ClientId, "public-app"), (Parameters.ClientSecret, Secret));
    }

    [Theory]
    [InlineData("Bearer abc")]
    [InlineData("Digest username=app")]
    [InlineData("Basic")]
    [InlineData("Basic ")]
    [InlineData("Basic !!!")]
    [InlineData("Basic YXBw")] // no colon
    [InlineData("Basic OnNlY3JldA==")] // no id
    [InlineData("Basic JVo6eA==")] // a broken escape
    [InlineData("Basic JUZGOng=")] // %FF is not UTF-8
    [InlineData("Basic //86eA==")] // nor is a raw 0xFF
    [InlineData("")]
    public async Task A_header_that_cannot_be_read_is_invalid_client(string authorization)
    {
        await using var room = await TokenRoom.OpenAsync();
        room.AddPublic();

        await RefusedAsync(room, "invalid_client", authorization);
        await RefusedAsync(room, "invalid_client", authorization, (Parameters.ClientId, "public-app"));
    }

    [Fact]
    public async Task A_header_of_any_length_is_refused_in_the_same_way()
    {
        await using var room = await TokenRoom.OpenAsync();

        await RefusedAsync(room, "invalid_client", TokenRoom.Basic("app", new string('s', 10_000)));
    }

    [Fact]
    public async Task A_request_without_a_client_is_invalid_client()
    {
        await using var room = await TokenRoom.OpenAsync();

        await RefusedAsync(room, "invalid_client", null);
        await RefusedAsync(room, "invalid_client", null, (Parameters.ClientSecret, Secret));
        await RefusedAsync(room, "invalid_client", null, (Parameters.ClientId, "app"), (Parameters.ClientAssertion, "x"));
    }

    [Fact]
    [Spec("RFC 6749", "§5.2"), Spec("requirement", "50")]
    public async Task Unknown_client_and_wrong_secret_are_one_answer()
    {
        await using var room = await TokenRoom.OpenAsync();

        var unknown = await RefusedAsync(room, "invalid_client", TokenRoom.Basic("nobody", Secret));
        var wrong = await RefusedAsync(room, "invalid_client", TokenRoom.Basic("app", Secret + "x"));
        var empty = await RefusedAsync(room, "invalid_client", TokenRoom.Basic("app", ""));

        Assert.Equal(unknown.Description, wrong.Description);
        Assert.Equal(unknown.Description, empty.Description);
    }

    [Fact]
    public async Task An_expired_secret_is_refused_and_a_second_one_still_works()
    {
        await using var room = await TokenRoom.OpenAsync();
        const string next = "the-next-secret-of-this-client-0123456789";
        room.Stores.Clients.Add(new Client(Build.Metadata() with { ClientSecret = null }, [ClientSecret.Of(Secret, room.Clock.Now.AddDays(1)), ClientSecret.Of(next)]));
        Assert.Equal("app", await ClientIdAsync(room, TokenRoom.Basic("app", Secret)));

        room.Clock.Advance(TimeSpan.FromDays(1));

        await RefusedAsync(room, "invalid_client", TokenRoom.Basic("app", Secret));
        Assert.Equal("app", await ClientIdAsync(room, TokenRoom.Basic("app", next)));
    }

    [Fact]
    public async Task A_client_registered_with_a_secret_but_having_none_cannot_authenticate()
    {
        await using var room = await TokenRoom.OpenAsync();
        room.Stores.Clients.Add(new Client(Build.Metadata() with { ClientSecret = null }, []));

        await RefusedAsync(room, "invalid_client", TokenRoom.Basic("app", ""));
        await RefusedAsync(room, "invalid_client", TokenRoom.Basic("app", Secret));
    }

    private static async Task<string> ClientIdAsync(TokenRoom room, string? authorization, params (string Name, string Value)[] form) =>
        TokenRoom.Granted(await AuthenticateAsync(room, authorization, form)).Client.ClientId;

    private static async Task<OAuthError> RefusedAsync(TokenRoom room, string code, string? authorization, params (string Name, string Value)[] form)
    {
        var (reported, writes) = (room.Events.Raised.Count, room.Stores.Writes);
        var error = room.AssertRefused(await AuthenticateAsync(room, authorization, form), code, code == "invalid_client" ? 401 : 400, writes);
        Assert.Equal(EventKind.ClientAuthenticationFailed, Assert.Single(room.Events.Raised.Skip(reported)).Kind);
        return error;
    }

    private static async Task<OAuthResult<AuthenticatedClient>> AuthenticateAsync(TokenRoom room, string? authorization, params (string Name, string Value)[] form) =>
        await room.Authenticator.AuthenticateAsync(ProtocolParameters.Of(form), TokenRoom.From(authorization), Ct);

    private static string Base64(string credentials) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials));
}
