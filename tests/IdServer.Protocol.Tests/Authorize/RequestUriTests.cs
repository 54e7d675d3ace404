using IdServer.Protocol.Authorize;
using IdServer.Protocol.Requests;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.Authorize;

/// <summary>Signed authorization requests that lie at an address (RFC 9101 §5.2, OIDC Core §6.2).</summary>
public sealed class RequestUriTests
{
    private const string Address = "https://app.example/requests/1#version-1";

    [Fact]
    [Spec("OIDC Core", "§6.2"), Spec("RFC 9101", "§5.2"), Spec("requirement", "22")]
    public async Task An_object_is_fetched_once_from_an_address_the_client_has_registered()
    {
        using var room = await OpenAsync();
        room.Documents[Address] = new RequestObject().Sign(Algorithms.RS256) + "\n";

        var id = Assert.IsType<AuthorizeOutcome.Interact>(await room.AskAsync(ProtocolParameters.Of((Parameters.ClientId, "app"), (Parameters.RequestUri, Address)))).InteractionId;
        room.Stores.Clients.Add(Build.Client(m => m with { RequireConsent = false })); // keys and addresses are gone: nothing is verified twice
        var outcome = await room.ResumeAsync(id, room.SignIn());

        Assert.Equal("state-of-the-object", AuthorizeRoom.Value(outcome, Parameters.State));
        Assert.Equal(1, room.Documents.Fetches);
    }

    [Theory]
    [Spec("requirement", "22")]
    [InlineData("https://app.example/requests/1")]
    [InlineData("https://app.example/requests/1#version-2")]
    [InlineData("https://app.example/requests/2#version-1")]
    [InlineData("https://APP.example/requests/1#version-1")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("urn:example:other")]
    [InlineData("nonsense")]
    public async Task Any_other_address_is_refused_and_never_fetched(string address)
    {
        using var room = await OpenAsync();
        room.Documents[address] = new RequestObject().Sign();
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.AskAsync(AuthorizeRoom.Request((Parameters.RequestUri, address)), room.SignIn()), ErrorCodes.InvalidRequestUri, writes);
        Assert.Equal(0, room.Documents.Fetches);
    }

    [Fact]
    [Spec("RFC 9101", "§7")]
    public async Task An_address_that_yields_nothing_or_no_request_is_refused()
    {
        using var room = await OpenAsync();
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.AskAsync(AuthorizeRoom.Request((Parameters.RequestUri, Address)), room.SignIn()), ErrorCodes.InvalidRequestUri, writes);
        room.Documents[Address] = "<html>not found</html>";
        room.AssertRefused(await room.AskAsync(AuthorizeRoom.Request((Parameters.RequestUri, Address)), room.SignIn()), ErrorCodes.InvalidRequestObject, writes);
    }

    [Fact]
    [Spec("requirement", "19")]
    public async Task Request_and_request_uri_together_are_invalid_request()
    {
        using var room = await OpenAsync();
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.AskAsync(AuthorizeRoom.Request((Parameters.Request, new RequestObject().Sign()), (Parameters.RequestUri, Address)), room.SignIn()), ErrorCodes.InvalidRequest, writes);
        Assert.Equal(0, room.Documents.Fetches);
    }

    /// <summary>A room whose client has keys and this one address.</summary>
    private static Task<AuthorizeRoom> OpenAsync() => AuthorizeRoom.OpenAsync(m => m with { Jwks = RequestObject.Jwks, RequestUris = [Address] });
}
