using System.Runtime.Versioning;
using IdServer.Protocol.Events;
using IdServer.Protocol.Stores;
using IdServer.Testing;
using IdServer.Testing.Contracts;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Data.Tests.Keys;

[SupportedOSPlatform("linux")]
public sealed class DirectorySigningKeyStoreTests : SigningKeyStoreContract, IAsyncLifetime
{
    private TestDatabase database = null!;

    private string KeyDirectory => Path.Combine(database.Directory, "keys");

    public async ValueTask InitializeAsync() => database = await TestDatabase.CreateAsync();

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task A_key_file_is_for_its_owner_only()
    {
        await Create().AddAsync(NewKey(), TestDatabase.Ct);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Assert.Single(Directory.GetFiles(KeyDirectory))));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(KeyDirectory));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("not json")]
    [InlineData("""{"kid":"a","alg":"ES256","created":"2026-01-01T00:00:00Z","activates":"2026-01-01T00:00:00Z","pkcs8":"AAAA"}""")]
    public async Task A_broken_file_is_named(string content)
    {
        var store = Create();
        await store.AddAsync(NewKey(), TestDatabase.Ct);
        var broken = Path.Combine(KeyDirectory, "broken.json");
        await File.WriteAllTextAsync(broken, content, TestDatabase.Ct);

        var failure = await Assert.ThrowsAsync<InvalidDataException>(async () => await store.LoadAsync(TestDatabase.Ct));

        Assert.Contains(broken, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_with_another_keys_id_is_broken()
    {
        var store = Create();
        var key = NewKey();
        await store.AddAsync(key, TestDatabase.Ct);
        var path = Assert.Single(Directory.GetFiles(KeyDirectory));
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path, TestDatabase.Ct)).Replace(key.KeyId, NewKey().KeyId, StringComparison.Ordinal), TestDatabase.Ct);

        await Assert.ThrowsAsync<InvalidDataException>(async () => await store.LoadAsync(TestDatabase.Ct));
    }

    [Fact]
    public async Task What_a_killed_process_did_not_finish_is_not_loaded()
    {
        var store = Create();
        await store.AddAsync(NewKey(), TestDatabase.Ct);
        await File.WriteAllTextAsync(Path.Combine(KeyDirectory, "half.json.new"), "{\"kid\":", TestDatabase.Ct);

        Assert.Single(await store.LoadAsync(TestDatabase.Ct));
    }

    [Fact]
    [Spec("requirement", "43")]
    public async Task Another_process_is_told_of_a_new_and_of_a_removed_key()
    {
        var other = database.Open();
        var told = await other.ListenAsync();
        var key = NewKey();
        var store = Create();

        await store.AddAsync(key, TestDatabase.Ct);
        await store.RemoveAsync(key.KeyId, TestDatabase.Ct);

        await Eventually.TrueAsync(() => told.Count(change => change == new Change(ChangeKind.SigningKeys, key.KeyId)) == 2);
    }

    protected override ISigningKeyStore Create() => database.Open(Clock).GetRequiredService<ISigningKeyStore>();

    private SigningKey NewKey() => SigningKey.Create(Algorithms.ES256, Clock.Now, Clock.Now);
}
