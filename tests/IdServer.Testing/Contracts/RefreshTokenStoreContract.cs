using IdServer.Protocol.Issuance;
using IdServer.Protocol.Stores;
using Xunit;

namespace IdServer.Testing.Contracts;

/// <summary>What <see cref="IRefreshTokenStore"/> promises.</summary>
public abstract class RefreshTokenStoreContract : StoreContract
{
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_saved_token_is_found_with_its_grant()
    {
        var (grant, token) = await BeginGrantAsync(g => g with { Claims = """{"id_token":{"acr":null}}""", SessionId = Guid.CreateVersion7(Clock.Now) });

        Assert.Equivalent(new StoredRefreshToken(token, grant, null, null), await Stores.RefreshTokens.FindAsync(token.Key, Ct), strict: true);
    }

    [Fact]
    [Spec("RFC 9449", "§5"), Spec("RFC 8705", "§4")]
    public async Task A_token_and_its_successor_keep_the_keys_and_certificates_they_are_bound_to()
    {
        var grant = Build.Grant(Clock);
        var (handle, first) = Build.RefreshToken(Clock, grant.Id, t => t with { ProofKey = "one", Certificate = "this" });
        var (next, successor) = Build.RefreshToken(Clock, grant.Id, t => t with { ProofKey = "other", Certificate = "that" });
        await Stores.RefreshTokens.SaveAsync(grant, first, Ct);
        await Stores.RefreshTokens.TryRotateAsync(first.Key, successor, handle.Seal(next), Clock.Now, Overlap, Ct);

        Assert.Equal(("one", "this"), await BoundToAsync(first));
        Assert.Equal(("other", "that"), await BoundToAsync(successor));
    }

    [Fact]
    public async Task Saving_a_token_begins_its_grant()
    {
        var (grant, _) = await BeginGrantAsync();

        Assert.True(await Stores.Grants.EndAsync(grant.Id, Clock.Now, Ct));
    }

    [Fact]
    public async Task An_unknown_token_is_not_found()
    {
        var (grant, _) = await BeginGrantAsync();

        Assert.Null(await Stores.RefreshTokens.FindAsync(Build.RefreshToken(Clock, grant.Id).Token.Key, Ct));
    }

    [Fact]
    public async Task A_token_with_another_digest_is_not_found()
    {
        var (_, token) = await BeginGrantAsync();

        Assert.Null(await Stores.RefreshTokens.FindAsync(WithOtherDigest(token.Key), Ct));
    }

    [Fact]
    public async Task A_rotated_token_is_found_with_the_time_of_its_rotation()
    {
        var (_, token) = await BeginGrantAsync();
        Clock.Advance(TimeSpan.FromSeconds(5));
        var rotatedAt = Clock.Now;
        await RotateAsync(token);
        Clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(rotatedAt, (await Stores.RefreshTokens.FindAsync(token.Key, Ct))?.RotatedAt);
    }

    [Fact]
    public async Task An_expired_token_is_found()
    {
        var (_, token) = await BeginGrantAsync();
        Clock.Advance(TimeSpan.FromDays(31));

        Assert.NotNull(await Stores.RefreshTokens.FindAsync(token.Key, Ct));
    }

    [Fact]
    public async Task A_revoked_token_is_found_with_the_time_its_grant_ended()
    {
        var (grant, token) = await BeginGrantAsync();
        Clock.Advance(TimeSpan.FromSeconds(5));
        await Stores.Grants.EndAsync(grant.Id, Clock.Now, Ct);

        Assert.Equal(Clock.Now, (await Stores.RefreshTokens.FindAsync(token.Key, Ct))?.GrantEndedAt);
    }

    [Fact]
    public async Task A_rotation_saves_the_successor_under_the_same_grant()
    {
        var (grant, token) = await BeginGrantAsync();

        var (rotation, successor, _) = await RotateAsync(token);

        Assert.Equal(RotationOutcome.Rotated, rotation.Outcome);
        Assert.Equivalent(new StoredRefreshToken(successor, grant, null, null), await Stores.RefreshTokens.FindAsync(successor.Key, Ct), strict: true);
    }

    [Fact]
    public async Task A_successor_can_be_rotated_in_its_turn()
    {
        var (_, token) = await BeginGrantAsync();
        var (_, successor, _) = await RotateAsync(token);

        var (rotation, _, _) = await RotateAsync(successor);

        Assert.Equal(RotationOutcome.Rotated, rotation.Outcome);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(10)]
    public async Task Within_the_overlap_the_same_successor_is_repeated_and_nothing_is_saved(int seconds)
    {
        var (_, token) = await BeginGrantAsync();
        var (_, successor, sealedSecret) = await RotateAsync(token);
        Clock.Advance(TimeSpan.FromSeconds(seconds));

        var (second, other, _) = await RotateAsync(token);

        Assert.Equal(RotationOutcome.Repeated, second.Outcome);
        Assert.Equal(successor.Key.Id, second.SuccessorId);
        Assert.Equal(sealedSecret, second.SealedSecret);
        Assert.Null(await Stores.RefreshTokens.FindAsync(other.Key, Ct));
    }

    [Fact]
    public async Task A_repetition_does_not_prolong_the_overlap()
    {
        var (_, token) = await BeginGrantAsync();
        await RotateAsync(token);
        Clock.Advance(TimeSpan.FromSeconds(8));
        await RotateAsync(token);
        Clock.Advance(TimeSpan.FromSeconds(8));

        Assert.Equal(RotationOutcome.Reused, (await RotateAsync(token)).Rotation.Outcome);
    }

    [Fact]
    [Spec("RFC 9700", "§4.14.2")]
    public async Task After_the_overlap_a_rotated_token_is_reused_and_nothing_is_saved()
    {
        var (_, token) = await BeginGrantAsync();
        await RotateAsync(token);
        Clock.Advance(TimeSpan.FromSeconds(11));

        await AssertNotRotatedAsync(RotationOutcome.Reused, token);
    }

    [Theory]
    [InlineData(30)]
    [InlineData(31)]
    public async Task An_expired_token_has_ended_and_nothing_is_saved(int days)
    {
        var (_, token) = await BeginGrantAsync();
        Clock.Advance(TimeSpan.FromDays(days));

        await AssertNotRotatedAsync(RotationOutcome.Ended, token);
        Assert.Null((await Stores.RefreshTokens.FindAsync(token.Key, Ct))?.RotatedAt);
    }

    [Fact]
    public async Task A_token_of_an_ended_grant_has_ended_and_nothing_is_saved()
    {
        var (grant, token) = await BeginGrantAsync();
        await Stores.Grants.EndAsync(grant.Id, Clock.Now, Ct);

        await AssertNotRotatedAsync(RotationOutcome.Ended, token);
    }

    [Fact]
    public async Task Within_the_overlap_an_ended_grant_yields_no_successor()
    {
        var (grant, token) = await BeginGrantAsync();
        await RotateAsync(token);
        await Stores.Grants.EndAsync(grant.Id, Clock.Now, Ct);

        await AssertNotRotatedAsync(RotationOutcome.Ended, token);
    }

    [Fact]
    public async Task An_unknown_token_has_ended_and_nothing_is_saved()
    {
        var (grant, _) = await BeginGrantAsync();

        await AssertNotRotatedAsync(RotationOutcome.Ended, Build.RefreshToken(Clock, grant.Id).Token);
    }

    [Fact]
    public async Task A_wrong_digest_has_ended_and_does_not_rotate_the_token()
    {
        var (_, token) = await BeginGrantAsync();

        await AssertNotRotatedAsync(RotationOutcome.Ended, token with { Key = WithOtherDigest(token.Key) });
        Assert.Equal(RotationOutcome.Rotated, (await RotateAsync(token)).Rotation.Outcome);
    }

    [Fact]
    public async Task The_holder_of_the_rotated_token_can_take_out_its_successor()
    {
        var (current, token) = Build.RefreshToken(Clock, Guid.CreateVersion7(Clock.Now));
        await Stores.RefreshTokens.SaveAsync(Build.Grant(Clock, g => g with { Id = token.GrantId }), token, Ct);
        var (next, successor) = Build.RefreshToken(Clock, token.GrantId);
        await Stores.RefreshTokens.TryRotateAsync(token.Key, successor, current.Seal(next), Clock.Now, Overlap, Ct);

        var repeated = (await RotateAsync(token)).Rotation;

        Assert.Equal(next.Value, current.Unseal(repeated.SuccessorId, repeated.SealedSecret!).Value);
    }

    [Fact]
    [Spec("RFC 9700", "§4.14.2")]
    public async Task Of_64_parallel_rotations_exactly_one_wins_and_the_others_learn_its_successor()
    {
        var (_, token) = await BeginGrantAsync();

        var results = await RaceAsync(_ => new ValueTask<(Rotation Rotation, RefreshToken Successor, byte[] SealedSecret)>(RotateAsync(token)));

        var winner = Assert.Single(results, r => r.Rotation.Outcome == RotationOutcome.Rotated);
        Assert.NotNull(await Stores.RefreshTokens.FindAsync(winner.Successor.Key, Ct));
        foreach (var loser in results.Where(r => r.Successor != winner.Successor))
        {
            Assert.Equal(RotationOutcome.Repeated, loser.Rotation.Outcome);
            Assert.Equal(winner.Successor.Key.Id, loser.Rotation.SuccessorId);
            Assert.Equal(winner.SealedSecret, loser.Rotation.SealedSecret);
            Assert.Null(await Stores.RefreshTokens.FindAsync(loser.Successor.Key, Ct));
        }
    }

    private async Task<(string? Key, string? Certificate)> BoundToAsync(RefreshToken token) =>
        await Stores.RefreshTokens.FindAsync(token.Key, Ct) is { Token: var found } ? (found.ProofKey, found.Certificate) : default;

    private async Task<(Rotation Rotation, RefreshToken Successor, byte[] SealedSecret)> RotateAsync(RefreshToken current)
    {
        var (handle, successor) = Build.RefreshToken(Clock, current.GrantId);
        var sealedSecret = Handle.New(Clock).Seal(handle);
        return (await Stores.RefreshTokens.TryRotateAsync(current.Key, successor, sealedSecret, Clock.Now, Overlap, Ct), successor, sealedSecret);
    }

    private async Task AssertNotRotatedAsync(RotationOutcome expected, RefreshToken current)
    {
        var (rotation, successor, _) = await RotateAsync(current);
        Assert.Equal(expected, rotation.Outcome);
        Assert.Null(await Stores.RefreshTokens.FindAsync(successor.Key, Ct));
    }
}
