using IdServer.Protocol.Users;

namespace IdServer.Protocol.Tests.Token;

/// <summary>The people of a room, who are found when its gate is open.</summary>
internal sealed class GatedUsers(TokenRoom room) : IUserClaimsSource
{
    public async ValueTask<UserClaims?> FindAsync(string subject, CancellationToken ct)
    {
        await (room.Gate?.Task.WaitAsync(ct) ?? Task.CompletedTask);
        return await room.Users.FindAsync(subject, ct);
    }
}
