using System.Security.Cryptography;
using IdServer.Data.Keys;
using IdServer.Protocol.Keys;
using IdServer.Protocol.Stores;
using IdServer.Testing;
using IdServer.Testing.Contracts;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Data.Tests.Keys;

public sealed class SqliteDatabaseKeyTests : SigningKeyStoreContract, IAsyncLifetime
{
    private TestDatabase database = null!;

    public async ValueTask InitializeAsync() => database = await TestDatabase.CreateAsync();

    public ValueTask DisposeAsync() => database.DisposeAsync();

    protected override ISigningKeyStore Create() => database.Open(Clock, with: services => services.AddKeysInDatabase(new byte[32])).GetRequiredService<ISigningKeyStore>();
}

public sealed class PostgresDatabaseKeyTests : SigningKeyStoreContract, IAsyncLifetime
{
    private readonly byte[] encryptionKey = RandomNumberGenerator.GetBytes(32);
    private PostgresTestDatabase database = null!;

    private static CancellationToken Ct => TestDatabase.Ct;

    public async ValueTask InitializeAsync() => database = await PostgresTestDatabase.CreateAsync();

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task A_key_encrypted_with_another_key_is_a_fault_that_says_so()
    {
        await Create().AddAsync(NewKey(), Ct);

        var fault = await Assert.ThrowsAsync<InvalidDataException>(async () => await Open(RandomNumberGenerator.GetBytes(32)).GetRequiredService<ISigningKeyStore>().LoadAsync(Ct));

        Assert.Contains("EncryptionKey is not the one it was encrypted with", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_row_cannot_stand_in_for_another()
    {
        var store = Create();
        await store.AddAsync(NewKey(), Ct);
        await store.AddAsync(NewKey(), Ct);

        await database.ExecuteAsync("UPDATE signing_keys SET encrypted_key = (SELECT encrypted_key FROM signing_keys ORDER BY key_id LIMIT 1)");

        await Assert.ThrowsAsync<InvalidDataException>(async () => await store.LoadAsync(Ct));
    }

    [Fact]
    public async Task A_stolen_database_yields_no_private_key()
    {
        var key = NewKey();
        await Create().AddAsync(key, Ct);

        var stored = (byte[])(await database.ScalarAsync("SELECT encrypted_key FROM signing_keys"))!;

        var secret = ECDsa.Create();
        secret.ImportPkcs8PrivateKey(key.ExportPkcs8(), out _);
        Assert.True(stored.AsSpan().IndexOf(secret.ExportParameters(true).D) < 0);
    }

    [Fact]
    [Spec("requirement", "43")]
    public async Task Nodes_that_start_at_once_make_one_first_key_for_each_algorithm()
    {
        var nodes = Enumerable.Range(0, 4).Select(_ => Open(encryptionKey)).ToArray();
        var rings = nodes.Select(node => ActivatorUtilities.CreateInstance<KeyRing>(node, new RecordingEvents())).ToArray();

        await Task.WhenAll(rings.Select(ring => Task.Run(() => ring.MaintainAsync(Clock.Now, Ct).AsTask(), Ct)));

        Assert.Equal(2, await database.CountAsync("signing_keys"));
        Assert.Single(rings.Select(ring => ring.SignerFor(Algorithms.ES256).KeyId).Distinct());
        Assert.Single(rings.Select(ring => ring.SignerFor(Algorithms.RS256).KeyId).Distinct());
    }

    [Fact]
    public async Task What_one_node_protects_another_unprotects_and_the_database_holds_no_secret_of_it()
    {
        var secret = Protector(Open(encryptionKey)).Protect("a secret");

        Assert.Equal("a secret", Protector(Open(encryptionKey)).Unprotect(secret));
        Assert.Equal(1, await database.CountAsync("data_protection_keys"));
        Assert.Equal(1L, await database.ScalarAsync("SELECT COUNT(*) FROM data_protection_keys WHERE xml LIKE '%encryptedKey%' AND xml NOT LIKE '%masterKey%'"));
    }

    [Fact]
    public void What_is_encrypted_twice_never_looks_the_same()
    {
        using var encryption = new KeyEncryption(encryptionKey);

        Assert.NotEqual(encryption.Encrypt([1], "a"), encryption.Encrypt([1], "a"));
        Assert.Equal([1], encryption.Decrypt(encryption.Encrypt([1], "a"), "a"));
        Assert.ThrowsAny<CryptographicException>(() => encryption.Decrypt(encryption.Encrypt([1], "a"), "b"));
        Assert.ThrowsAny<CryptographicException>(() => encryption.Decrypt([1], "a"));
    }

    protected override ISigningKeyStore Create() => Open(encryptionKey).GetRequiredService<ISigningKeyStore>();

    private static IDataProtector Protector(ServiceProvider node) => node.GetRequiredService<IDataProtectionProvider>().CreateProtector("test");

    private ServiceProvider Open(byte[] key) => database.Open(Clock, with: services =>
    {
        services.AddKeysInDatabase(key);
        services.AddDataProtection().SetApplicationName("test");
    });

    private SigningKey NewKey() => SigningKey.Create(Algorithms.ES256, Clock.Now, Clock.Now);
}
