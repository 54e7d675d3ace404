using IdServer.Protocol.Requests;
using IdServer.Protocol.Tests.Authorize;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.DPoP;

/// <summary>Pushed authorization requests with proofs of possession.</summary>
[Spec("RFC 9449", "§10.1"), Spec("requirement", "38"), Spec("requirement", "27")]
public sealed class PushedProofTests
{
    private const string PushUri = Build.Issuer + "/connect/par";

    private static readonly ProofSigner Signer = new();

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public async Task The_code_is_bound_to_the_key_of_the_proof_or_of_dpop_jkt(bool withThumbprint, bool withProof)
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var request = AuthorizeRoom.Request((Parameters.DPoPJkt, withThumbprint ? Signer.Thumbprint : null));

        Assert.True((await room.TryPushAsync(request, proof: withProof ? Signer.Make("POST", PushUri, room.Clock.Now) : null)).TryGet(out var pushed, out var error), error?.ToString());
        await room.AskAsync(ProtocolParameters.Of((Parameters.ClientId, "app"), (Parameters.RequestUri, pushed.RequestUri)), room.SignIn());

        Assert.Equal(Signer.Thumbprint, Assert.Single(room.Stores.AuthorizationCodes.All).ProofKey);
    }

    [Fact]
    public async Task A_proof_by_another_key_than_dpop_jkt_names_is_refused()
    {
        using var room = await AuthorizeRoom.OpenAsync();
        var request = AuthorizeRoom.Request((Parameters.DPoPJkt, new ProofSigner().Thumbprint));

        Assert.False((await room.TryPushAsync(request, proof: Signer.Make("POST", PushUri, room.Clock.Now))).TryGet(out _, out var error));

        Assert.Equal((ErrorCodes.InvalidDPoPProof, 400), (error.Code, error.Status));
        Assert.Empty(room.Stores.PushedRequests.All);
    }

    [Fact]
    public async Task A_proof_for_another_endpoint_is_refused()
    {
        using var room = await AuthorizeRoom.OpenAsync();

        Assert.False((await room.TryPushAsync(AuthorizeRoom.Request(), proof: Signer.Make("POST", Build.Issuer + "/connect/token", room.Clock.Now))).TryGet(out _, out var error));

        Assert.Equal((ErrorCodes.InvalidDPoPProof, 400), (error.Code, error.Status));
        Assert.Empty(room.Stores.PushedRequests.All);
    }
}
