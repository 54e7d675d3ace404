using System.Text.Json;
using IdServer.Protocol.Users;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.UserInfo;

/// <summary>The claims about a person (OIDC Core §5.3.2): always <c>sub</c>, and those whose release was granted.</summary>
public sealed class UserInfoResponse
{
    private readonly UserClaims user;
    private readonly IReadOnlyList<string> claims;

    internal UserInfoResponse(UserClaims user, IReadOnlyList<string> claims)
    {
        this.user = user;
        this.claims = claims;
    }

    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteString(ClaimNames.Subject, user.Subject);
        for (var i = 0; i < claims.Count; i++)
        {
            user.Write(writer, claims[i]);
        }

        writer.WriteEndObject();
    }
}
