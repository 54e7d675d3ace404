namespace IdServer.Protocol.Issuance;

/// <summary>Reads access tokens of this server.</summary>
public sealed class AccessTokenReader
{
    /// <returns>Null when the token is not one of ours, has expired, or has been revoked.</returns>
    public ValueTask<AccessToken?> ReadAsync(string token, CancellationToken ct) => throw new NotSupportedException();
}
