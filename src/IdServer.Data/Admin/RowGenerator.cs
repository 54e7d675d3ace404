using System.Text.Json;
using IdServer.Data.Changes;
using IdServer.Data.Statements;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Options;
using IdServer.Tokens.Registries;
using IdServer.Tokens.Revocations;

namespace IdServer.Data.Admin;

/// <summary>
/// Rows in bulk, for tests and sizing: each as the server would have written it, thousands in one transaction. Needs memory for one transaction only.
/// Progress is told in rows that are committed.
/// </summary>
public sealed class RowGenerator(IDatabase database, ProtocolOptions options, TimeProvider time)
{
    private const int RowsAtATime = 5000;

    public async ValueTask<bool> HoldsUsersAsync(CancellationToken ct) =>
        await database.ReadAsync(statements => statements.FirstAsync("""SELECT "Id" FROM "AspNetUsers" LIMIT 1""", row => row.Bytes(0)), ct) is not null;

    /// <summary>Accounts named <paramref name="name"/> and a number from 1, all with one password and one role.</summary>
    /// <param name="normalizedRole">Must exist.</param>
    public async Task AddUsersAsync(int count, Func<int, string> name, string passwordHash, string normalizedRole, IProgress<int> committed, CancellationToken ct)
    {
        var role = await database.ReadAsync(
            statements => statements.FirstAsync("""SELECT "Id" FROM "AspNetRoles" WHERE "NormalizedName" = $1""", row => row.Bytes(0), normalizedRole), ct);
        await InTransactionsAsync(
            count,
            async (statements, numbers) =>
            {
                var now = time.GetUtcNow();
                var users = numbers.Select(number => (Id: Guid.CreateVersion7(now), Name: name(number))).ToArray();
                await statements.InsertAsync(
                    "\"AspNetUsers\"",
                    """
                    "Id", "UserName", "NormalizedUserName", "Email", "NormalizedEmail", "EmailConfirmed", "Name", "PasswordHash", "SecurityStamp",
                    "ConcurrencyStamp", "CreatedAt", "UpdatedAt", "PhoneNumberConfirmed", "TwoFactorEnabled", "LockoutEnabled", "AccessFailedCount"
                    """,
                    users.Select(user => new object?[]
                    {
                        user.Id,
                        user.Name,
                        user.Name.ToUpperInvariant(),
                        user.Name + "@generated.example",
                        user.Name.ToUpperInvariant() + "@GENERATED.EXAMPLE",
                        true,
                        user.Name,
                        passwordHash,
                        Handle.New(time).Value,
                        user.Id.ToString(),
                        now,
                        now,
                        false,
                        false,
                        true,
                        0,
                    }));
                await statements.InsertAsync("\"AspNetUserRoles\"", "\"UserId\", \"RoleId\"", users.Select(user => new object?[] { user.Id, role }));
            },
            committed,
            ct);
    }

    /// <summary>Clients with the same metadata and secret, but each its own id.</summary>
    /// <param name="metadata">Accepted by <see cref="ClientMetadataRules"/> for every number from 1.</param>
    public Task AddClientsAsync(int count, Func<int, ClientMetadata> metadata, string secret, IProgress<int> committed, CancellationToken ct)
    {
        var digest = ClientSecret.DigestOf(secret);
        return InTransactionsAsync(
            count,
            async (statements, numbers) =>
            {
                var now = time.GetUtcNow();
                var clients = numbers.Select(number => metadata(number) with { ClientSecret = null }).ToArray();
                await statements.InsertAsync(
                    "clients",
                    "client_id, metadata, created_at, updated_at",
                    clients.Select(client => new object?[] { client.ClientId, JsonSerializer.Serialize(client, ClientMetadataJson.Default.ClientMetadata), now, now }));
                await statements.InsertAsync(
                    "client_secrets", "id, client_id, digest, created_at", clients.Select(client => new object?[] { Guid.CreateVersion7(now), client.ClientId, digest, now }));
            },
            committed,
            ct);
    }

    /// <summary>Refresh tokens, each of a grant of its own, going round the users there are and the clients given.</summary>
    /// <param name="scopes">Of every grant.</param>
    /// <param name="issued">Told of each token when it is committed: the client, and what its holder has.</param>
    /// <returns>False when there are no users: then nothing was written.</returns>
    public async Task<bool> AddRefreshTokensAsync(
        int count, IReadOnlyList<string> clientIds, string scopes, Action<string, string> issued, IProgress<int> committed, CancellationToken ct)
    {
        var last = Guid.Empty;
        for (var done = 0; done < count;)
        {
            var subjects = await SubjectsAsync(last, Math.Min(RowsAtATime, count - done), ct);
            if (subjects.Count == 0)
            {
                if (last == Guid.Empty)
                {
                    return false;
                }

                last = Guid.Empty; // round again
                continue;
            }

            var first = done;
            foreach (var (clientId, token) in await database.WriteAsync(statements => AddRefreshTokensAsync(statements, subjects, clientIds, scopes, first), ct))
            {
                issued(clientId, token);
            }

            last = subjects[^1];
            done += subjects.Count;
            committed.Report(subjects.Count);
        }

        return true;
    }

    /// <summary>Revocations of access tokens, which live as long as a token may.</summary>
    public Task AddRevocationsAsync(int count, IProgress<int> committed, CancellationToken ct) => InTransactionsAsync(
        count,
        (statements, numbers) =>
        {
            var now = time.GetUtcNow();
            return InsertRevocationsAsync(statements, numbers.Select(_ => (Guid.CreateVersion7(now), now, now + options.LongestTokenLifetime)));
        },
        committed,
        ct);

    /// <summary>Rows that the pruner will remove: grants, their refresh tokens, sessions and revocations, a quarter each.</summary>
    public Task AddExpiredRowsAsync(int count, IProgress<int> committed, CancellationToken ct) => InTransactionsAsync(
        count,
        async (statements, numbers) =>
        {
            var then = time.GetUtcNow() - options.RefreshTokenLifetime - options.LongestTokenLifetime - options.SessionLifetime; // dead in every table
            var ids = numbers.Select(_ => Guid.CreateVersion7(then)).ToArray();
            var grants = ids.Where((_, i) => i % 4 == 0).ToArray();
            var tokens = ids.Where((_, i) => i % 4 == 1).Zip(grants, (_, grant) => (Handle.New(time).Key, grant));
            await InsertGrantsAsync(statements, grants.Select(grant => (grant, "generated", Guid.CreateVersion7(then))), ScopeNames.OpenId, then, then);
            await InsertTokensAsync(statements, tokens, then, then);
            await statements.InsertAsync(
                "sessions",
                "id, subject, auth_time, amr, acr, expires_at, started_at",
                ids.Where((_, i) => i % 4 == 2).Select(id => new object?[] { id, id.ToString(), then, AuthenticationMethods.Password, AuthenticationContexts.Password, then, then }));
            await InsertRevocationsAsync(statements, ids.Where((_, i) => i % 4 == 3).Select(id => (id, then, then)));
        },
        committed,
        ct);

    private static ValueTask InsertGrantsAsync(
        PreparedStatements statements, IEnumerable<(Guid Id, string ClientId, Guid Subject)> grants, string scopes, DateTimeOffset now, DateTimeOffset expiresAt) => statements.InsertAsync(
        "grants",
        "id, client_id, subject, scopes, created_at, auth_time, amr, acr, offline, expires_at",
        grants.Select(grant => new object?[]
        {
            grant.Id, grant.ClientId, grant.Subject.ToString(), scopes, now, now, AuthenticationMethods.Password, AuthenticationContexts.Password, true, expiresAt,
        }));

    private static ValueTask InsertTokensAsync(PreparedStatements statements, IEnumerable<(HandleKey Key, Guid Grant)> tokens, DateTimeOffset now, DateTimeOffset expiresAt) =>
        statements.InsertAsync(
            "refresh_tokens",
            "id, digest, grant_id, created_at, expires_at",
            tokens.Select(token => new object?[] { token.Key.Id, token.Key.Digest, token.Grant, now, expiresAt }));

    private static async ValueTask InsertRevocationsAsync(PreparedStatements statements, IEnumerable<(Guid Key, DateTimeOffset At, DateTimeOffset ExpiresAt)> revocations)
    {
        await ChangeLog.TakeTurnAsync(statements);
        await statements.InsertAsync(
            "revocations", "kind, key, at, expires_at", revocations.Select(revocation => new object?[] { (int)RevocationKind.Token, revocation.Key, revocation.At, revocation.ExpiresAt }));
    }

    private ValueTask<IReadOnlyList<Guid>> SubjectsAsync(Guid after, int count, CancellationToken ct) => database.ReadAsync(
        statements => statements.ListAsync(
            """SELECT "Id" FROM "AspNetUsers" WHERE "Id" > $1 AND "DisabledAt" IS NULL ORDER BY "Id" LIMIT $2""", row => row.Id(0), after, count),
        ct);

    private async ValueTask<(string ClientId, string Token)[]> AddRefreshTokensAsync(
        PreparedStatements statements, IReadOnlyList<Guid> subjects, IReadOnlyList<string> clientIds, string scopes, int first)
    {
        var now = time.GetUtcNow();
        var expiresAt = now + options.RefreshTokenLifetime;
        var tokens = subjects.Select((subject, i) => (Grant: Guid.CreateVersion7(now), ClientId: clientIds[(first + i) % clientIds.Count], Subject: subject, Handle: Handle.New(time))).ToArray();
        await InsertGrantsAsync(statements, tokens.Select(token => (token.Grant, token.ClientId, token.Subject)), scopes, now, expiresAt);
        await InsertTokensAsync(statements, tokens.Select(token => (token.Handle.Key, token.Grant)), now, expiresAt);
        return [.. tokens.Select(token => (token.ClientId, token.Handle.Value))];
    }

    private async Task InTransactionsAsync(int count, Func<PreparedStatements, IEnumerable<int>, ValueTask> write, IProgress<int> committed, CancellationToken ct)
    {
        for (var done = 0; done < count;)
        {
            var numbers = Enumerable.Range(done + 1, Math.Min(RowsAtATime, count - done));
            await database.WriteAsync(
                async statements =>
                {
                    await write(statements, numbers);
                    return true;
                },
                ct);
            done += numbers.Count();
            committed.Report(numbers.Count());
        }
    }
}
