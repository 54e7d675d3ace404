using System.Net;
using System.Security.Cryptography;
using IdServer.Data.Users;
using IdServer.Protocol.Users;
using IdServer.Testing;
using Xunit;

namespace IdServer.Tests.Users;

[Spec("requirement", "50")]
public sealed class KnownDeviceSignInTests : IAsyncLifetime
{
    private static readonly IPAddress Cafe = IPAddress.Parse("192.0.2.1");

    private UsersOnDisk users = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => users = await UsersOnDisk.StartAsync();

    public ValueTask DisposeAsync() => users.DisposeAsync();

    [Theory]
    [InlineData("ana")]
    [InlineData("Ana@Example.com")]
    [Attack("locking the owner out")]
    public async Task While_a_stranger_guesses_from_the_same_network_the_owner_signs_in_at_once_on_a_device_of_theirs(string login)
    {
        var laptop = await DeviceOfAsync(await users.AddAsync());
        await GuessAsync("ana", null);
        await GuessAsync("ana@example.com", null);

        Assert.NotNull((await VerifyAsync(login, null)).RetryAfter);
        Assert.NotNull((await VerifyAsync(login, laptop)).Subject);
    }

    [Fact]
    [Attack("stolen cookie")]
    public async Task A_device_of_somebody_else_is_a_stranger()
    {
        await users.AddAsync();
        var mallory = await DeviceOfAsync(await users.AddAsync("mallory"));
        await GuessAsync("ana", mallory);

        Assert.NotNull((await VerifyAsync("ana", mallory)).RetryAfter);
        Assert.NotNull((await VerifyAsync("ana", null)).RetryAfter); // in the same lane
        Assert.NotNull((await VerifyAsync("mallory", mallory)).Subject);
    }

    [Fact]
    [Attack("forged cookie")]
    public async Task Invented_devices_are_one_stranger_and_cost_no_hash_when_braked()
    {
        await users.AddAsync();
        await GuessAsync("ana", null);
        var before = users.Hasher.Count;

        for (var i = 0; i < 100; i++)
        {
            Assert.NotNull((await VerifyAsync("ana", RandomNumberGenerator.GetBytes(32))).RetryAfter);
        }

        Assert.Equal(before, users.Hasher.Count);
    }

    [Fact]
    public async Task A_stolen_device_of_the_account_gets_five_guesses_and_does_not_stop_the_owner_elsewhere()
    {
        var subject = await users.AddAsync();
        var stolen = await DeviceOfAsync(subject);
        var laptop = await DeviceOfAsync(subject);

        await GuessAsync("ana", stolen);

        Assert.NotNull((await VerifyAsync("ana@example.com", stolen)).RetryAfter);
        Assert.NotNull((await VerifyAsync("ana", laptop)).Subject);
        Assert.NotNull((await VerifyAsync("ana", null)).Subject);
    }

    [Fact]
    public async Task A_forgotten_device_is_a_stranger()
    {
        var subject = await users.AddAsync();
        var laptop = await DeviceOfAsync(subject);
        await GuessAsync("ana", null);
        await users.Get<KnownDevices>().ForgetAllAsync(Guid.Parse(subject), Ct);

        Assert.NotNull((await VerifyAsync("ana", laptop)).RetryAfter);
    }

    private async Task<byte[]> DeviceOfAsync(string subject)
    {
        var digest = RandomNumberGenerator.GetBytes(32);
        await users.Get<KnownDevices>().RememberAsync(null, digest, Guid.Parse(subject), "", null, TimeSpan.FromDays(1), Ct);
        return digest;
    }

    private async Task GuessAsync(string login, byte[]? device)
    {
        for (var i = 0; i < 5; i++)
        {
            Assert.Null((await users.SignIn.VerifyAsync(login, "wrong password", Cafe, device, Ct)).Subject);
        }
    }

    private async Task<PasswordOutcome> VerifyAsync(string login, byte[]? device) => await users.SignIn.VerifyAsync(login, Build.Password, Cafe, device, Ct);
}
