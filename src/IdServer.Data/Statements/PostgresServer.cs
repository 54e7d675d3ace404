using System.Globalization;
using System.Net.Sockets;
using IdServer.Data.Cluster;
using Npgsql;

namespace IdServer.Data.Statements;

/// <summary>The PostgreSQL database: how to connect to it, and what its failures mean. Idle connections are kept; after an outage new ones are made by themselves.</summary>
internal sealed class PostgresServer : IDisposable, IAsyncDisposable
{
    // What comes later in a connection string wins, so that the operator's words do. The pool is small because all nodes share the server's max_connections (100
    // unless it is configured); we leave no state in a session that would have to be reset.
    private const string Defaults =
        "Timeout=5;Command Timeout=15;Maximum Pool Size=25;Max Auto Prepare=100;Auto Prepare Min Usages=2;No Reset On Close=true;Application Name=IdServer;";

    private readonly string name;
    private readonly string session;
    private readonly NpgsqlConnectionStringBuilder settings;

    public PostgresServer(string connectionString)
    {
        settings = new NpgsqlConnectionStringBuilder(Defaults + connectionString);
        if (string.IsNullOrEmpty(settings.Host) || string.IsNullOrEmpty(settings.Database))
        {
            throw new ArgumentException("The PostgreSQL connection string names no host or no database: write \"Host=...;Database=...;Username=...;Password=...\".", nameof(connectionString));
        }

        name = string.Create(CultureInfo.InvariantCulture, $"The PostgreSQL database {settings.Database} at {settings.Host}:{settings.Port}");
        session = new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Pooling = false }.ConnectionString;
        Connections = NpgsqlDataSource.Create(settings.ConnectionString);
    }

    /// <summary>The pool.</summary>
    public NpgsqlDataSource Connections { get; }

    public string Database => settings.Database!;

    /// <summary>A connection that is not shared, for what lasts as long as a session: LISTEN and locks.</summary>
    /// <exception cref="DatabaseUnavailableException">The server cannot be reached, or does not let us in.</exception>
    public Task<NpgsqlConnection> OpenSessionAsync(CancellationToken ct) => OpenAsync(session, ct);

    /// <summary>Waits for a turn, which ends when the connection is disposed.</summary>
    /// <exception cref="DatabaseUnavailableException">The server cannot be reached, or does not let us in.</exception>
    public async Task<NpgsqlConnection> TakeTurnAsync(Turn turn, CancellationToken ct)
    {
        var connection = await OpenSessionAsync(ct);
        try
        {
            // Waiting for a node that migrates a large database must not end in a timeout.
#pragma warning disable CA2100 // made of constants
            await using var command = new NpgsqlCommand(
                $"SET statement_timeout = 0; SET lock_timeout = 0; SELECT pg_advisory_lock({PostgresLocks.Class}, {(int)turn})", connection)
            { CommandTimeout = 0 };
#pragma warning restore CA2100
            await command.ExecuteNonQueryAsync(ct);
            return connection;
        }
        catch (Exception e)
        {
            await connection.DisposeAsync();
            if (IsOutage(e))
            {
                throw Translate(e);
            }

            throw;
        }
    }

    /// <summary>Makes the database where it is missing and this user may.</summary>
    /// <exception cref="DatabaseUnavailableException">It may not, or the server cannot be reached.</exception>
    public async Task CreateDatabaseAsync(CancellationToken ct)
    {
        await using var connection = await OpenAsync(new NpgsqlConnectionStringBuilder(session) { Database = "postgres" }.ConnectionString, ct);
#pragma warning disable CA2100 // the operator's own name, quoted
        await using var command = new NpgsqlCommand($"CREATE DATABASE \"{Database.Replace("\"", "\"\"", StringComparison.Ordinal)}\" ENCODING 'UTF8' TEMPLATE template0", connection);
#pragma warning restore CA2100
        try
        {
            await command.ExecuteNonQueryAsync(ct);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
        {
            // Another node was faster.
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new DatabaseUnavailableException($"{name} does not exist, and {settings.Username} may not make it: create it, or give that user CREATEDB.", e);
        }
        catch (Exception e) when (IsOutage(e))
        {
            throw Translate(e);
        }
    }

    /// <summary>Whether the same transaction may succeed when it runs again: it was undone by the server, or by a lost connection.</summary>
    public static bool IsPassing(Exception e) => e is NpgsqlException { IsTransient: true } and not PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } && !IsTimeout(e);

    /// <summary>Whether this error is an outage. Otherwise it is a bug (a violated constraint, wrong SQL), or has been translated.</summary>
    public static bool IsOutage(Exception error) => Sentence(error) is not null;

    /// <summary>What an outage is to the operator; any other error as it is.</summary>
    public Exception Translate(Exception error) => Sentence(error) is { } sentence ? new DatabaseUnavailableException($"{name} {sentence}", error) : error;

    public void Dispose() => Connections.Dispose();

    public ValueTask DisposeAsync() => Connections.DisposeAsync();

    private static string? Sentence(Exception error) =>
        // https://www.postgresql.org/docs/current/errcodes-appendix.html
        error switch
        {
            PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } => "does not exist: run the verb migrate.",
            PostgresException { SqlState: PostgresErrorCodes.UndefinedTable } => "has no tables: run the verb migrate.",
            PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } => "has no connection left: raise max_connections there, or lower \"Maximum Pool Size\" in the connection strings of all nodes.",
            PostgresException { SqlState: PostgresErrorCodes.DiskFull } => "cannot grow: its disk is full.",
            PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } => "is read-only: connect to the primary, not to a standby.",
            PostgresException { SqlState: ['2', '8', ..] } e => $"does not let us in: {e.MessageText}.",
            PostgresException { SqlState: ['4', '0', ..] } => "undid the same transaction again and again because of others: it is overloaded.",
            PostgresException { SqlState: ['0', '8', ..] or ['5', '3', ..] or ['5', '7', ..] or ['5', '8', ..] } e => $"cannot be used now: {e.MessageText}.",
            PostgresException => null,
            _ when IsTimeout(error) => "does not answer in time.",
            NpgsqlException { InnerException: SocketException or IOException } e => $"cannot be reached: {e.InnerException!.Message}.",
            NpgsqlException e => $"cannot be reached: {e.Message}.",
            SocketException or IOException => $"cannot be reached: {error.Message}.",
            ObjectDisposedException => "has been closed: the server is shutting down.",
            _ => null,
        };

    private static bool IsTimeout(Exception e) => e is TimeoutException or NpgsqlException { InnerException: TimeoutException };

    private async Task<NpgsqlConnection> OpenAsync(string connectionString, CancellationToken ct)
    {
        var connection = new NpgsqlConnection(connectionString);
        try
        {
            await connection.OpenAsync(ct);
            return connection;
        }
        catch (Exception e) when (IsOutage(e))
        {
            await connection.DisposeAsync();
            throw Translate(e);
        }
    }
}
