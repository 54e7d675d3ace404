using System.Security.Cryptography;
using IdServer.Data.Users;
using IdServer.Testing;
using Xunit;

namespace IdServer.Data.Tests.Users;

[Spec("requirement", "50")]
public abstract class KnownDevicesTests : OnEitherDatabase
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(400);

    private KnownDevices Devices => Get<KnownDevices>();

    [Fact]
    public async Task A_device_is_known_of_who_has_signed_in_there_and_of_nobody_else()
    {
        var (ana, bea) = (await AddAsync("ana"), await AddAsync("bea"));
        var (secret, remembered) = await SignInAsync(ana, null);

        Assert.Equal(new KnownDevice(remembered.Id, "Firefox, Linux", "192.0.2.1", Clock.Now, Clock.Now, null), await Devices.FindAsync(secret, ana, Ct));
        Assert.Equal(remembered.Id, await Devices.FindIdAsync(secret, "ANA", Ct));
        Assert.Equal(remembered.Id, await Devices.FindIdAsync(secret, "ANA@EXAMPLE.COM", Ct));
        Assert.Null(await Devices.FindAsync(secret, bea, Ct));
        Assert.Null(await Devices.FindIdAsync(secret, "BEA", Ct));
        Assert.Null(await Devices.FindIdAsync(secret, "NOBODY", Ct));
        Assert.Null(await Devices.FindAsync(Secret(), ana, Ct));
        Assert.Null(await Devices.FindIdAsync(Secret(), "ANA", Ct));
    }

    [Fact]
    public async Task The_next_sign_in_on_a_device_notes_the_visit_and_keeps_the_secret()
    {
        var ana = await AddAsync("ana");
        var (secret, first) = await SignInAsync(ana, null);
        var from = Clock.Now;
        Clock.Advance(TimeSpan.FromDays(399));

        var second = await Devices.RememberAsync(secret, Secret(), ana, "Firefox, Windows", "192.0.2.9", Lifetime, Ct);

        Assert.Equal(new RememberedDevice(first.Id, IsNew: false, IsFirst: false), second);
        Assert.Equal(new KnownDevice(first.Id, "Firefox, Windows", "192.0.2.9", from, Clock.Now, null), await Devices.FindAsync(secret, ana, Ct));
        Clock.Advance(TimeSpan.FromDays(399));
        Assert.NotNull(await Devices.FindAsync(secret, ana, Ct));
        Clock.Advance(TimeSpan.FromDays(1));
        Assert.Null(await Devices.FindAsync(secret, ana, Ct));
        Assert.Null(await Devices.FindIdAsync(secret, "ANA", Ct));
        Assert.Empty(await Devices.ListAsync(ana, Ct));
    }

    [Fact]
    public async Task Only_the_first_sign_in_of_a_person_is_the_first_even_after_everything_is_forgotten()
    {
        var (ana, bea) = (await AddAsync("ana"), await AddAsync("bea"));
        var (_, first) = await SignInAsync(ana, null);
        var (_, second) = await SignInAsync(ana, null);
        await Devices.ForgetAllAsync(ana, Ct);
        var (_, third) = await SignInAsync(ana, null);
        var (_, other) = await SignInAsync(bea, null);

        Assert.Equal([(true, true), (true, false), (true, false), (true, true)], new[] { first, second, third, other }.Select(d => (d.IsNew, d.IsFirst)));
    }

    [Fact]
    [Attack("planted device cookie")]
    public async Task Who_knows_the_secret_that_a_browser_had_before_knows_none_of_the_person_who_signs_in_there_next()
    {
        var (mallory, ana) = (await AddAsync("mallory"), await AddAsync("ana"));
        var (planted, _) = await SignInAsync(mallory, null);

        var (secret, remembered) = await SignInAsync(ana, planted);

        Assert.True(remembered.IsNew);
        Assert.Null(await Devices.FindAsync(planted, ana, Ct));
        Assert.NotNull(await Devices.FindAsync(secret, ana, Ct));
        Assert.NotNull(await Devices.FindAsync(secret, mallory, Ct)); // who shares the browser keeps it
        Assert.Null(await Devices.FindAsync(planted, mallory, Ct));
    }

    [Fact]
    public async Task A_secret_that_the_server_never_gave_is_not_taken()
    {
        var ana = await AddAsync("ana");
        var invented = Secret();

        var (secret, remembered) = await SignInAsync(ana, invented);

        Assert.True(remembered.IsNew);
        Assert.Null(await Devices.FindAsync(invented, ana, Ct));
        Assert.NotNull(await Devices.FindAsync(secret, ana, Ct));
    }

    [Fact]
    public async Task Trust_is_of_one_person_on_one_device_and_goes_with_it()
    {
        var (ana, bea) = (await AddAsync("ana"), await AddAsync("bea"));
        var (_, laptop) = await SignInAsync(ana, null);
        var (secret, phone) = await SignInAsync(ana, null);
        var until = Clock.Now.AddDays(30);
        var (shared, _) = await SignInAsync(bea, secret);

        await Devices.TrustAsync(phone.Id, until, Ct);

        Assert.Equal(until, (await Devices.FindAsync(shared, ana, Ct))!.TrustedUntil);
        Assert.Null((await Devices.FindAsync(shared, bea, Ct))!.TrustedUntil);
        Assert.Null(Assert.Single(await Devices.ListAsync(ana, Ct), d => d.Id == laptop.Id).TrustedUntil);
        Assert.True(await Devices.ForgetAsync(ana, phone.Id, Ct));
        await Devices.TrustAsync(phone.Id, until, Ct);
        Assert.Null(await Devices.FindAsync(shared, ana, Ct));
    }

    [Fact]
    public async Task A_person_forgets_devices_of_their_own_only()
    {
        var (ana, bea) = (await AddAsync("ana"), await AddAsync("bea"));
        var (_, first) = await SignInAsync(ana, null);
        Clock.Advance(TimeSpan.FromSeconds(1));
        var (_, second) = await SignInAsync(ana, null);
        var (_, other) = await SignInAsync(bea, null);

        Assert.False(await Devices.ForgetAsync(ana, other.Id, Ct));
        Assert.Equal([second.Id, first.Id], (await Devices.ListAsync(ana, Ct)).Select(d => d.Id));
        Assert.True(await Devices.ForgetAsync(ana, first.Id, Ct));
        Assert.False(await Devices.ForgetAsync(ana, first.Id, Ct));
        await Devices.ForgetAllAsync(ana, Ct);

        Assert.Empty(await Devices.ListAsync(ana, Ct));
        Assert.Equal(other.Id, Assert.Single(await Devices.ListAsync(bea, Ct)).Id);
    }

    [Fact]
    public async Task Who_signs_in_without_end_from_new_devices_keeps_the_last_fifty()
    {
        var ana = await AddAsync("ana");
        var secrets = new List<byte[]>();
        for (var i = 0; i < KnownDevices.Most + 3; i++)
        {
            secrets.Add((await SignInAsync(ana, null)).Secret);
            Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(KnownDevices.Most, (await Devices.ListAsync(ana, Ct)).Count);
        Assert.Null(await Devices.FindAsync(secrets[2], ana, Ct));
        Assert.NotNull(await Devices.FindAsync(secrets[3], ana, Ct));
    }

    [Fact]
    public async Task Sixty_four_sign_ins_at_once_on_a_known_device_stay_one_device_and_on_a_new_one_one_of_them_is_the_first()
    {
        var (ana, bea) = (await AddAsync("ana"), await AddAsync("bea"));
        var (secret, _) = await SignInAsync(ana, null);

        Assert.Equal(0, await RaceAsync(async () => (await Devices.RememberAsync(secret, Secret(), ana, "", null, Lifetime, Ct)).IsNew));
        Assert.Equal(1, await RaceAsync(async () => (await Devices.RememberAsync(secret, Secret(), bea, "", null, Lifetime, Ct)).IsFirst));
        Assert.Single(await Devices.ListAsync(ana, Ct));
    }

    private static byte[] Secret() => SHA256.HashData(RandomNumberGenerator.GetBytes(32));

    private async Task<Guid> AddAsync(string name) => await People.AddAsync(Process, name, user => user.Email = name + "@example.com");

    private async Task<(byte[] Secret, RememberedDevice Device)> SignInAsync(Guid person, byte[]? brought)
    {
        var fresh = Secret();
        return (fresh, await Devices.RememberAsync(brought, fresh, person, "Firefox, Linux", "192.0.2.1", Lifetime, Ct));
    }
}

public sealed class SqliteKnownDevicesTests : KnownDevicesTests
{
    protected override bool IsPostgres => false;
}

public sealed class PostgresKnownDevicesTests : KnownDevicesTests
{
    protected override bool IsPostgres => true;
}
