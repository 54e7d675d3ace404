using IdServer.Data.Admin;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Stores;
using IdServer.Testing;
using IdServer.Tokens.Replay;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Data.Tests.Stores;

public sealed class SqliteSecrecyTests : IAsyncLifetime
{
    private readonly ManualClock clock = new();
    private TestDatabase database = null!;
    private ServiceProvider process = null!;

    private static CancellationToken Ct => TestDatabase.Ct;

    public async ValueTask InitializeAsync()
    {
        database = await TestDatabase.CreateAsync();
        process = database.Open(clock);
    }

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    [Spec("RFC 9700", "§4.14")]
    public async Task A_stolen_file_yields_no_code_no_device_code_no_refresh_token_no_request_uri_and_no_client_secret()
    {
        var (codeHandle, code) = Build.Code(clock);
        var (firstHandle, first) = Build.RefreshToken(clock, code.Grant.Id);
        var (nextHandle, next) = Build.RefreshToken(clock, code.Grant.Id);
        await process.GetRequiredService<ClientAdmin>().UpsertAsync(Build.Metadata(), Build.ClientSecret, Ct);
        await process.GetRequiredService<IAuthorizationCodeStore>().SaveAsync(code, Ct);
        await process.GetRequiredService<IAuthorizationCodeStore>().TryRedeemAsync(code.Key, first, clock.Now, Ct);
        await process.GetRequiredService<IRefreshTokenStore>().TryRotateAsync(first.Key, next, firstHandle.Seal(nextHandle), clock.Now, TimeSpan.FromSeconds(10), Ct);
        var (pushedHandle, pushed) = Build.PushedRequest(clock);
        await process.GetRequiredService<IPushedRequestStore>().SaveAsync(pushed, Ct);
        await process.GetRequiredService<IReplayCache>().TryAddAsync(ReplayKey.OfAssertion("app", "the-jti-of-an-assertion"), clock.Now.AddMinutes(1), Ct);
        var (deviceHandle, device) = Build.DeviceCode(clock);
        await process.GetRequiredService<IDeviceCodeStore>().TrySaveAsync(device, Ct);
        await process.DisposeAsync();

        var file = await File.ReadAllBytesAsync(database.FilePath, Ct);

        Assert.True(Holds(file, next.Key.Digest), "The digest is what is stored, so the search finds what is there.");
        Assert.False(Holds(file, System.Text.Encoding.UTF8.GetBytes(Build.ClientSecret)));
        Assert.False(Holds(file, "the-jti-of-an-assertion"u8));
        foreach (var handle in (Handle[])[codeHandle, deviceHandle, firstHandle, nextHandle, pushedHandle])
        {
            Assert.False(Holds(file, System.Text.Encoding.ASCII.GetBytes(handle.Value)));
            Assert.False(Holds(file, System.Buffers.Text.Base64Url.DecodeFromChars(handle.Value).AsSpan(16))); // the secret behind the id
        }
    }

    private static bool Holds(ReadOnlySpan<byte> file, ReadOnlySpan<byte> bytes) => file.IndexOf(bytes) >= 0;
}
