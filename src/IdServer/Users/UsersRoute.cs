using System.Globalization;
using System.Text.Json;
using IdServer.Configuration;
using IdServer.Data.Admin;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Requests;
using IdServer.Routes;
using IdServer.Tokens.Registries;

namespace IdServer.Users;

/// <summary>
/// The users API: <c>POST /users</c> makes an account with the role of registration (scope <c>users.create</c>) and mails it the link that verifies its address, <c>GET /users?after=&amp;limit=</c> lists them by user name
/// (scope <c>users.read</c>). For clients that act for themselves (client_credentials): a person's token opens nothing here, whatever its scopes.
/// </summary>
public sealed class UsersRoute(PresentedTokens tokens, DirectRequests requests, Accounts accounts, AddressOwners owners, UserQueries queries, IServiceScopeFactory scopes, ServerSettings settings)
{
    private const int LongestPage = 100;

    private readonly string audience = UsersResource.Of(settings.Protocol.Issuer).Identifier;

    public async Task HandleAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var creates = HttpMethods.IsPost(context.Request.Method);
        var scope = creates ? UsersResource.CreateScope : UsersResource.ReadScope;
        requests.OfferNonce(context);
        if (!(await DemandAsync(context, scope)).TryGet(out var token, out var error))
        {
            requests.Count(context, error);
            await OAuthWriter.ChallengeAsync(context, error, context.Request.Headers.Authorization.Count > 0, scope);
            return;
        }

        await (creates ? CreateAsync(context, token.Client.ClientId) : ListAsync(context));
    }

    private async ValueTask<OAuthResult<AccessToken>> DemandAsync(HttpContext context, string scope)
    {
        if (requests.RefuseEarly(context) is { } early)
        {
            return early;
        }

        if (!(await tokens.DemandAsync(new ProtocolParameters(), DirectRequests.ContextOf(context), UsersResource.Path, context.RequestAborted)).TryGet(out var token, out var error))
        {
            return error;
        }

        if (!IsFor(token.Claims, audience)) // RFC 9068 §4
        {
            return OAuthError.InvalidToken("The access token is for another API: ask for a scope of the users API.");
        }

        return token.User is not null || !token.Scopes.Contains(scope)
            ? OAuthError.InsufficientScope($"The users API wants a token of the client itself (client_credentials) with the scope {scope}.")
            : token;
    }

    private async Task CreateAsync(HttpContext context, string clientId)
    {
        var (written, unreadable) = await ReadAsync(context);
        if (written is null)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, unreadable!.Value.Member, unreadable.Value.Sentence);
            return;
        }

        var outcome = await accounts.AddAsync(written, clientId, context.Connection.RemoteIpAddress, context.RequestAborted);
        if (outcome.RetryAfter is { } wait)
        {
            await OAuthWriter.ErrorAsync(context, OAuthError.TemporarilyUnavailable(wait));
            return;
        }

        if (outcome.Faults is [var fault, ..])
        {
            await RefuseAsync(context, fault.Kind == UserFaultKind.Taken ? StatusCodes.Status409Conflict : StatusCodes.Status400BadRequest, fault.Member, $"{fault.Member} {fault.Sentence}");
            return;
        }

        await owners.SendAsync(Guid.Parse(outcome.Subject!), written.Email!, written.Locale, context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status201Created;
        var made = new UserSummary(Guid.Parse(outcome.Subject!), string.IsNullOrEmpty(written.Username) ? written.Email! : written.Username, "", written.Email, written.Name, DisabledAt: null, [settings.Registration.Role]);
        await OAuthWriter.JsonAsync(context, made, UserJson.Write);
    }

    private async Task ListAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var limit = LongestPage;
        if (query.TryGetValue("limit", out var limitText) && (!int.TryParse(limitText, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > LongestPage))
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "limit", $"limit is not a number from 1 to {LongestPage}.");
            return;
        }

        string? after = null;
        if (query.TryGetValue("after", out var subject))
        {
            await using var scope = scopes.CreateAsyncScope();
            after = await scope.ServiceProvider.GetRequiredService<UserTable>().FindNormalizedUsernameAsync(subject.ToString());
            if (after is null)
            {
                await RefuseAsync(context, StatusCodes.Status400BadRequest, "after", "after is not the sub of an account: write that of the last one on the page before.");
                return;
            }
        }

        await OAuthWriter.JsonAsync(context, await queries.ListAsync(after, limit, context.RequestAborted), static (page, writer) =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("users");
            foreach (var user in page)
            {
                UserJson.Write(user, writer);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }

    // The error response of RFC 6749 §5.2 with the member it is about, for a form that shows it there.
    private static Task RefuseAsync(HttpContext context, int status, string? field, string sentence)
    {
        context.Response.StatusCode = status;
        return OAuthWriter.JsonAsync(context, (Field: field, Sentence: sentence), static (fault, writer) =>
        {
            writer.WriteStartObject();
            writer.WriteString(Parameters.Error, ErrorCodes.InvalidRequest);
            writer.WriteString(Parameters.ErrorDescription, fault.Sentence);
            if (fault.Field is not null)
            {
                writer.WriteString("field", fault.Field);
            }

            writer.WriteEndObject();
        });
    }

    private static async ValueTask<(DeclaredUser? User, (string? Member, string Sentence)? Fault)> ReadAsync(HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
        {
            return (null, (null, "The content type must be application/json."));
        }

        DeclaredUser written;
        try
        {
            using var document = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return (null, (null, "The body is not a JSON object."));
            }

            written = document.Deserialize(DeclaredUserJson.Default.DeclaredUser)!;
        }
        catch (JsonException e) when (e.Path?.TrimStart('$', '.') is { Length: > 0 } member)
        {
            return (null, (member, $"{member} is not a member of a user, came twice, or has another JSON type."));
        }
        catch (JsonException)
        {
            return (null, (null, "The body is not JSON in UTF-8."));
        }

        // What a client says about a person is not thereby verified, and roles are the operator's to give.
        var own = written.Roles is not null ? "roles" : written.EmailVerified is not null ? ClaimNames.EmailVerified : written.PhoneNumberVerified is not null ? ClaimNames.PhoneNumberVerified : null;
        return own is null ? (written, null) : (null, (own, $"{own} is not the client's to set: leave it out."));
    }

    private static bool IsFor(JsonElement claims, string audience) => claims.TryGetProperty(ClaimNames.Audience, out var found) && found.ValueKind switch
    {
        JsonValueKind.String => found.ValueEquals(audience),
        JsonValueKind.Array => found.EnumerateArray().Any(a => a.ValueKind == JsonValueKind.String && a.ValueEquals(audience)),
        _ => false,
    };
}
