using System.Security.Cryptography;
using IdServer.Data.Changes;
using IdServer.Data.Cluster;
using IdServer.Data.Statements;
using IdServer.Protocol.Events;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Jose;

namespace IdServer.Data.Keys;

/// <summary>Signing keys of all nodes as rows, their private part encrypted with <see cref="KeyEncryption"/>.</summary>
internal sealed class SqlSigningKeyStore(IDatabase database, ICluster cluster, KeyEncryption encryption, TimeProvider time) : ISigningKeyStore
{
    public ValueTask<IAsyncDisposable> TakeTurnAsync(CancellationToken ct) => cluster.TakeTurnAsync(Turn.SigningKeys, ct);

    /// <exception cref="InvalidDataException">A key was encrypted with another key than ours; the message says so.</exception>
    public ValueTask<IReadOnlyList<SigningKey>> LoadAsync(CancellationToken ct) => database.ReadAsync(
        statements => statements.ListAsync("SELECT key_id, algorithm, created_at, activates_at, encrypted_key FROM signing_keys ORDER BY created_at, key_id", Read), ct);

    public async ValueTask AddAsync(SigningKey key, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(key);
        var pkcs8 = key.ExportPkcs8();
        var encrypted = encryption.Encrypt(pkcs8, key.KeyId);
        CryptographicOperations.ZeroMemory(pkcs8);
        await database.WriteAsync(
            async statements =>
            {
                await statements.ExecuteAsync(
                    "INSERT INTO signing_keys (key_id, algorithm, created_at, activates_at, encrypted_key) VALUES ($1, $2, $3, $4, $5)",
                    key.KeyId,
                    key.Algorithm,
                    key.CreatedAt,
                    key.ActivatesAt,
                    encrypted);
                return await TellAsync(statements, key.KeyId);
            },
            ct);
    }

    public async ValueTask RemoveAsync(string keyId, CancellationToken ct) => await database.WriteAsync(
        async statements => await statements.ExecuteAsync("DELETE FROM signing_keys WHERE key_id = $1", keyId) > 0 && await TellAsync(statements, keyId), ct);

    private SigningKey Read(Row row)
    {
        var keyId = row.Text(0);
        try
        {
            var pkcs8 = encryption.Decrypt(row.Bytes(4), keyId);
            return SigningKey.Import(row.Text(1), pkcs8, row.Time(2), row.Time(3));
        }
        catch (CryptographicException e)
        {
            throw new InvalidDataException($"The signing key {keyId} in the database cannot be decrypted: IdServer:Keys: EncryptionKey is not the one it was encrypted with.", e);
        }
    }

    // This process hears of it from the key ring; the others from this row.
    private async ValueTask<bool> TellAsync(PreparedStatements statements, string keyId)
    {
        await ChangeLog.AppendAsync(statements, ChangeKind.SigningKeys, keyId, time.GetUtcNow());
        return true;
    }
}
