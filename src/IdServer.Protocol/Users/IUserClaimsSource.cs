namespace IdServer.Protocol.Users;

/// <summary>Where the engine learns about people. An implementation may cache, but must drop an entry before a change of that user is answered.</summary>
public interface IUserClaimsSource
{
    /// <returns>Null when there is no such user or the account may not sign in any more: tokens of such a user are dead.</returns>
    ValueTask<UserClaims?> FindAsync(string subject, CancellationToken ct);
}
