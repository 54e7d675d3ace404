using System.Text.Json;
using IdServer.Data.Statements;
using IdServer.Data.Stores;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Options;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Registries;
using IdServer.Tokens.Revocations;

namespace IdServer.Data.Admin;

/// <summary>
/// Rows in bulk, for tests and sizing: each as the server would have written it, thousands in one transaction. Needs memory for one transaction only.
/// Progress is told in rows that are committed.
/// </summary>
public sealed class RowGenerator(IDatabase database, ProtocolOptions options, TimeProvider time)
{
    private const int RowsAtATime = 2000;

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
            async (statements, number) =>
            {
                var now = time.GetUtcNow();
                var (id, username) = (Guid.CreateVersion7(now), name(number));
                await statements.ExecuteAsync(
                    """
                    INSERT INTO "AspNetUsers" ("Id", "UserName", "NormalizedUserName", "Email", "NormalizedEmail", "EmailConfirmed", "Name", "PasswordHash", "SecurityStamp",
                      "ConcurrencyStamp", "CreatedAt", "UpdatedAt", "PhoneNumberConfirmed", "TwoFactorEnabled", "LockoutEnabled", "AccessFailedCount")
                    VALUES ($1, $2, $3, $4, $5, TRUE, $2, $6, $7, $8, $9, $9, FALSE, FALSE, TRUE, 0)
                    """,
                    id,
                    username,
                    username.ToUpperInvariant(),
                    username + "@generated.example",
                    username.ToUpperInvariant() + "@GENERATED.EXAMPLE",
                    passwordHash,
                    Handle.New(time).Value,
                    id.ToString(),
                    now);
                await statements.ExecuteAsync("""INSERT INTO "AspNetUserRoles" ("UserId", "RoleId") VALUES ($1, $2)""", id, role);
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
            async (statements, number) =>
            {
                var now = time.GetUtcNow();
                var client = metadata(number) with { ClientSecret = null };
                await statements.ExecuteAsync(
                    "INSERT INTO clients (client_id, metadata, created_at, updated_at) VALUES ($1, $2, $3, $3)",
                    client.ClientId,
                    JsonSerializer.Serialize(client, ClientMetadataJson.Default.ClientMetadata),
                    now);
                await statements.ExecuteAsync(
                    "INSERT INTO client_secrets (id, client_id, digest, created_at) VALUES ($1, $2, $3, $4)", Guid.CreateVersion7(now), client.ClientId, digest, now);
            },
            committed,
            ct);
    }

    /// <summary>Refresh tokens, each of a grant of its own, going round the users there are and the clients given.</summary>
    /// <param name="issued">Told of each token when it is committed: the client, and what its holder has.</param>
    /// <returns>False when there are no users: then nothing was written.</returns>
    public async Task<bool> AddRefreshTokensAsync(int count, IReadOnlyList<string> clientIds, Action<string, string> issued, IProgress<int> committed, CancellationToken ct)
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
            foreach (var (clientId, token) in await database.WriteAsync(statements => AddRefreshTokensAsync(statements, subjects, clientIds, first), ct))
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
        async (statements, _) =>
        {
            var now = time.GetUtcNow();
            await SqlRevocationStore.InsertAsync(statements, RevocationKind.Token, Guid.CreateVersion7(now), now, now + options.LongestTokenLifetime);
        },
        committed,
        ct);

    /// <summary>Rows that the pruner will remove: grants, their refresh tokens, sessions and revocations, a quarter each.</summary>
    public Task AddExpiredRowsAsync(int count, IProgress<int> committed, CancellationToken ct)
    {
        var grant = Guid.Empty;
        return InTransactionsAsync(
            count,
            async (statements, number) =>
            {
                var then = time.GetUtcNow() - options.RefreshTokenLifetime - options.LongestTokenLifetime - options.SessionLifetime; // dead in every table
                var id = Guid.CreateVersion7(then);
                switch (number % 4)
                {
                    case 1:
                        grant = id;
                        await SqlGrantStore.InsertAsync(statements, GrantOf(id, id, "generated", then), then);
                        break;

                    case 2:
                        await SqlRefreshTokenStore.InsertAsync(statements, new RefreshToken { Key = Handle.New(time).Key, GrantId = grant, CreatedAt = then, ExpiresAt = then });
                        break;

                    case 3:
                        await statements.ExecuteAsync(
                            "INSERT INTO sessions (id, subject, auth_time, amr, acr, expires_at) VALUES ($1, $2, $3, $4, $5, $3)",
                            id,
                            id.ToString(),
                            then,
                            AuthenticationMethods.Password,
                            AuthenticationContexts.Password);
                        break;

                    default:
                        await SqlRevocationStore.InsertAsync(statements, RevocationKind.Token, id, then, then);
                        break;
                }
            },
            committed,
            ct);
    }

    private static Grant GrantOf(Guid id, Guid subject, string clientId, DateTimeOffset now) => new()
    {
        Id = id,
        ClientId = clientId,
        Subject = subject.ToString(),
        Scopes = [ScopeNames.OpenId, ScopeNames.OfflineAccess],
        CreatedAt = now,
        AuthTime = now,
        Amr = [AuthenticationMethods.Password],
        Acr = AuthenticationContexts.Password,
    };

    private ValueTask<IReadOnlyList<Guid>> SubjectsAsync(Guid after, int count, CancellationToken ct) => database.ReadAsync(
        statements => statements.ListAsync(
            """SELECT "Id" FROM "AspNetUsers" WHERE "Id" > $1 AND "DisabledAt" IS NULL ORDER BY "Id" LIMIT $2""", row => row.Id(0), after, count),
        ct);

    private async ValueTask<List<(string ClientId, string Token)>> AddRefreshTokensAsync(
        PreparedStatements statements, IReadOnlyList<Guid> subjects, IReadOnlyList<string> clientIds, int first)
    {
        var tokens = new List<(string, string)>(subjects.Count);
        foreach (var (index, subject) in subjects.Index())
        {
            var now = time.GetUtcNow();
            var handle = Handle.New(time);
            var grant = GrantOf(Guid.CreateVersion7(now), subject, clientIds[(first + index) % clientIds.Count], now);
            var token = new RefreshToken { Key = handle.Key, GrantId = grant.Id, CreatedAt = now, ExpiresAt = now + options.RefreshTokenLifetime };
            await SqlGrantStore.InsertAsync(statements, grant, token.ExpiresAt);
            await SqlRefreshTokenStore.InsertAsync(statements, token);
            tokens.Add((grant.ClientId, handle.Value));
        }

        return tokens;
    }

    private async Task InTransactionsAsync(int count, Func<PreparedStatements, int, ValueTask> write, IProgress<int> committed, CancellationToken ct)
    {
        for (var done = 0; done < count;)
        {
            var (first, rows) = (done + 1, Math.Min(RowsAtATime, count - done));
            await database.WriteAsync(
                async statements =>
                {
                    for (var number = first; number < first + rows; number++)
                    {
                        await write(statements, number);
                    }

                    return rows;
                },
                ct);
            done += rows;
            committed.Report(rows);
        }
    }
}
