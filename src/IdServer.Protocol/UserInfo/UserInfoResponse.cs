namespace IdServer.Protocol.UserInfo;

/// <summary>The claims about a person (OIDC Core §5.3.2): always <c>sub</c>, and those whose release was granted.</summary>
public sealed class UserInfoResponse
{
    internal UserInfoResponse(ReadOnlyMemory<byte> body) => Body = body;

    /// <summary>The JSON object.</summary>
    public ReadOnlyMemory<byte> Body { get; }
}
