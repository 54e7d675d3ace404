using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;
using IdServer.ResourceServer;
using IdServer.Tokens.Registries;
using Samples.ResourceApi.Errors;

namespace Samples.ResourceApi.Auth;

/// <summary>The server's users API, called with this API's own token (client_credentials). Safe for concurrent use.</summary>
internal sealed class IdServerUsers(IdServerConnection connection, IdServerTokens tokens, ResourceApiOptions options, TimeProvider time) : IDisposable
{
    private const string Scope = "users.create users.read";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly SemaphoreSlim renewing = new(1);
    private OwnToken? own;

    public async Task<(ServerUser? User, ApiError? Refusal)> CreateAsync(NewUser user, IPAddress? person, CancellationToken ct)
    {
        using var response = await SendAsync(() => new(HttpMethod.Post, options.UsersEndpoint) { Content = JsonContent.Create(user, options: Json) }, person, ct);
        return response.StatusCode switch
        {
            HttpStatusCode.Created => (await response.Content.ReadFromJsonAsync<ServerUser>(Json, ct), null),
            HttpStatusCode.Conflict => (null, ApiErrors.UserExists),
            HttpStatusCode.BadRequest => (null, await RefusalAsync(response, ct)),
            _ => throw await IdServerConnection.MisconfiguredAsync(response, ct),
        };
    }

    /// <param name="after">The <c>sub</c> of the last user seen; null begins.</param>
    /// <returns>Null when there is no such user.</returns>
    public async Task<IReadOnlyList<ServerUser>?> ListAsync(string? after, int limit, CancellationToken ct)
    {
        var address = new Uri($"{options.UsersEndpoint}?limit={limit}{(after is null ? "" : "&after=" + Uri.EscapeDataString(after))}");
        using var response = await SendAsync(() => new(HttpMethod.Get, address), null, ct);
        return response.StatusCode switch
        {
            HttpStatusCode.OK => (await response.Content.ReadFromJsonAsync<UserPage>(Json, ct))!.Users,
            HttpStatusCode.BadRequest when after is not null => null,
            _ => throw await IdServerConnection.MisconfiguredAsync(response, ct),
        };
    }

    public void Dispose() => renewing.Dispose();

    private async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> request, IPAddress? person, CancellationToken ct)
    {
        var used = await OwnTokenAsync(null, ct);
        var response = await AttemptAsync(used);
        if (response.StatusCode != HttpStatusCode.Unauthorized)
        {
            return response;
        }

        response.Dispose(); // the token did not live as long as promised: revoked, or the server has new keys
        return await AttemptAsync(await OwnTokenAsync(used, ct));

        Task<HttpResponseMessage> AttemptAsync(string token)
        {
            var message = request();
            message.Headers.Authorization = new AuthenticationHeaderValue(TokenTypes.Bearer, token);
            return connection.SendAsync(message, person, ct);
        }
    }

    private async Task<string> OwnTokenAsync(string? refused, CancellationToken ct)
    {
        await renewing.WaitAsync(ct);
        try
        {
            if (own is null || own.Text == refused || own.RenewAt <= time.GetUtcNow())
            {
                var issued = await tokens.OwnAsync(Scope, ct);
                own = new OwnToken(issued.AccessToken, time.GetUtcNow().AddSeconds(issued.ExpiresIn * 0.9));
            }

            return own.Text;
        }
        finally
        {
            renewing.Release();
        }
    }

    private static async Task<ApiError> RefusalAsync(HttpResponseMessage response, CancellationToken ct)
    {
        var refusal = await response.Content.ReadFromJsonAsync<UserRefusal>(Json, ct);
        return ApiErrors.UnacceptableUser(refusal?.Field is "name" ? "nombre" : refusal?.Field ?? "", refusal?.ErrorDescription ?? "");
    }

    private sealed record OwnToken(string Text, DateTimeOffset RenewAt);

    private sealed record UserRefusal(string? Field, string? ErrorDescription);

    private sealed record UserPage(IReadOnlyList<ServerUser> Users);
}

/// <summary>What the server needs to make an account. No roles: it gives its own for registration.</summary>
internal sealed record NewUser(string Username, string Email, string Password, string? Name);

/// <summary>An account as the server tells it.</summary>
internal sealed record ServerUser(string Sub, string Username, string? Email, string? Name, IReadOnlyList<string>? Roles)
{
    public string DisplayName => Name ?? Username;
}
