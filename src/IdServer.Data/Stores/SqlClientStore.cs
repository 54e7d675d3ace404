using System.Text.Json;
using IdServer.Data.Statements;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Stores;

namespace IdServer.Data.Stores;

/// <inheritdoc/>
internal sealed class SqlClientStore(IDatabase database) : IClientStore
{
    public ValueTask<Client?> FindAsync(string clientId, CancellationToken ct) => database.ReadAsync(
        async statements =>
        {
            var rows = await statements.ListAsync(
                "SELECT c.metadata, s.digest, s.expires_at FROM clients c LEFT JOIN client_secrets s ON s.client_id = c.client_id WHERE c.client_id = $1", Read, clientId);
            return Assemble(rows).SingleOrDefault();
        },
        ct);

    /// <summary>Every client, by id.</summary>
    internal static async ValueTask<IReadOnlyList<Client>> ListAsync(PreparedStatements statements) => Assemble(await statements.ListAsync(
        "SELECT c.metadata, s.digest, s.expires_at FROM clients c LEFT JOIN client_secrets s ON s.client_id = c.client_id ORDER BY c.client_id", Read));

    private static (string Metadata, ClientSecret? Secret) Read(Row row) =>
        (row.Text(0), row.BytesOrNull(1) is { } digest ? new ClientSecret(digest, row.TimeOrNull(2)) : null);

    // One row per secret; a client without one has a row too.
    private static Client[] Assemble(IReadOnlyList<(string Metadata, ClientSecret? Secret)> rows) =>
    [
        .. rows
            .GroupBy(row => row.Metadata, row => row.Secret, StringComparer.Ordinal)
            .Select(client => new Client(
                JsonSerializer.Deserialize(client.Key, ClientMetadataJson.Default.ClientMetadata)!,
                [.. client.OfType<ClientSecret>()])),
    ];
}
