using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using IdServer.Data.Changes;
using IdServer.Data.Cluster;
using IdServer.Data.Statements;
using IdServer.Protocol.Events;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Jose;

namespace IdServer.Data.Keys;

/// <summary>Signing keys of one node as files <c>&lt;kid&gt;.json</c>, readable by their owner only. A file is there completely or not at all.</summary>
internal sealed partial class DirectorySigningKeyStore(string directory, IDatabase database, ICluster cluster, TimeProvider time) : ISigningKeyStore
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public ValueTask<IAsyncDisposable> TakeTurnAsync(CancellationToken ct) => cluster.TakeTurnAsync(Turn.SigningKeys, ct);

    /// <exception cref="InvalidDataException">A file is no signing key; the message names it.</exception>
    public async ValueTask<IReadOnlyList<SigningKey>> LoadAsync(CancellationToken ct)
    {
        if (!Directory.Exists(directory))
        {
            return [];
        }

        var keys = new List<SigningKey>();
        foreach (var path in Directory.EnumerateFiles(directory, "*.json").Order(StringComparer.Ordinal))
        {
            try
            {
                keys.Add(Read(path, await File.ReadAllBytesAsync(path, ct)));
            }
            catch (FileNotFoundException)
            {
                // Removed by another process after it was listed.
            }
        }

        return keys;
    }

    public async ValueTask AddAsync(SigningKey key, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(key);
        var path = PathOf(key.KeyId);
        var unfinished = path + ".new";
        var content = JsonSerializer.SerializeToUtf8Bytes(
            new KeyFile(key.KeyId, key.Algorithm, key.CreatedAt, key.ActivatesAt, key.ExportPkcs8()), KeyFileJson.Default.KeyFile);

        CreateDirectory();
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using (var file = new FileStream(unfinished, options))
        {
            await file.WriteAsync(content, ct);
            file.Flush(flushToDisk: true);
        }

        CryptographicOperations.ZeroMemory(content);
        File.Move(unfinished, path, overwrite: true);
        await TellAsync(key.KeyId, ct);
    }

    public async ValueTask RemoveAsync(string keyId, CancellationToken ct)
    {
        if (IsKeyId(keyId) && File.Exists(PathOf(keyId)))
        {
            File.Delete(PathOf(keyId));
            await TellAsync(keyId, ct);
        }
    }

    private static SigningKey Read(string path, byte[] content)
    {
        try
        {
            var file = JsonSerializer.Deserialize(content, KeyFileJson.Default.KeyFile) ?? throw new JsonException("The file holds null.");
            var key = SigningKey.Import(file.Alg, file.Pkcs8, file.Created, file.Activates);
            return key.KeyId == file.Kid ? key : throw new CryptographicException($"The key is not the one its kid {file.Kid} names.");
        }
        catch (Exception e) when (e is JsonException or CryptographicException or ArgumentException or NotSupportedException)
        {
            throw new InvalidDataException($"The signing key file {path} is broken: restore it from a backup, or move it away to do without that key. {e.Message}", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    // A thumbprint in base64url (RFC 7638 §3): anything else might name a file elsewhere.
    private static bool IsKeyId(string keyId) => keyId.Length > 0 && keyId.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private string PathOf(string keyId) => Path.Combine(directory, keyId + ".json");

    private void CreateDirectory()
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            Directory.CreateDirectory(directory, OwnerOnly | UnixFileMode.UserExecute);
        }
    }

    // This process hears of it from the key ring; others on the same database from this row.
    private async ValueTask TellAsync(string keyId, CancellationToken ct) =>
        await database.WriteAsync(
            async statements =>
            {
                await ChangeLog.AppendAsync(statements, ChangeKind.SigningKeys, keyId, time.GetUtcNow());
                return true;
            },
            ct);

    /// <param name="Pkcs8">The private key (RFC 5958), base64.</param>
    internal sealed record KeyFile(string Kid, string Alg, DateTimeOffset Created, DateTimeOffset Activates, byte[] Pkcs8);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
    [JsonSerializable(typeof(KeyFile))]
    internal sealed partial class KeyFileJson : JsonSerializerContext;
}
