namespace IdServer.Protocol.UserInfo;

/// <summary>The claims about a person (OIDC Core §5.3.2): always <c>sub</c>, and those whose release was granted.</summary>
public sealed class UserInfoResponse
{
    internal UserInfoResponse(ReadOnlyMemory<byte> body, string? jwt)
    {
        Body = body;
        Jwt = jwt;
    }

    /// <summary>The JSON object; empty when <see cref="Jwt"/> stands in its place.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>The signed answer, for a client with <c>userinfo_signed_response_alg</c>.</summary>
    public string? Jwt { get; }
}
