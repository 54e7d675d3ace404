using System.Text;
using IdServer.Data.Mail;
using IdServer.Data.Maintenance;
using Xunit;

namespace IdServer.Data.Tests.Mail;

public abstract class OutboxTests : OnEitherDatabase
{
    private static readonly MailContent Content = new("ana@example.com", "Hello", "https://id.example/verify?token=abc", "<p>Hello</p>");

    private Outbox Outbox => Get<Outbox>();

    [Fact]
    public async Task What_was_added_is_taken_once_and_says_what_it_said()
    {
        var person = Guid.CreateVersion7(Clock.Now);
        await Outbox.AddAsync("VerifyAddress", person, Content, TimeSpan.FromHours(1), Ct);

        var mail = Assert.Single(await TakeAsync());

        Assert.Equal(("VerifyAddress", person, Content, 1, Clock.Now.AddHours(1)), (mail.Kind, mail.UserId, mail.Content, mail.Attempts, mail.ExpiresAt));
        Assert.Empty(await TakeAsync());
    }

    [Fact]
    public async Task Of_64_that_take_at_once_one_gets_the_mail()
    {
        await AddAsync();

        Assert.Equal(1, await RaceAsync(async () => (await TakeAsync()).Count == 1));
    }

    [Fact]
    public async Task What_was_taken_and_never_reported_is_taken_again_after_the_lease()
    {
        await AddAsync();
        await TakeAsync();

        Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(2, Assert.Single(await TakeAsync()).Attempts);
    }

    [Fact]
    public async Task A_mail_that_was_sent_says_nothing_any_more_and_is_not_taken_again()
    {
        await AddAsync();
        var mail = Assert.Single(await TakeAsync());

        await Outbox.SentAsync(mail.Id, Ct);

        Clock.Advance(TimeSpan.FromDays(1));
        Assert.Empty(await TakeAsync());
        Assert.Empty(await Outbox.ReadAsync(10, Ct));
        var entry = Assert.Single(await Outbox.ListAsync(10, Ct));
        Assert.Equal((false, Clock.Now.AddDays(-1), null), (entry.IsWaiting, entry.SentAt, entry.LastError));
    }

    [Fact]
    public async Task A_mail_that_was_put_off_is_taken_when_it_is_due_or_asked_for()
    {
        await AddAsync();
        var mail = Assert.Single(await TakeAsync());
        await Outbox.PutOffAsync(mail.Id, Clock.Now.AddMinutes(10), "nobody answered", Ct);

        Clock.Advance(TimeSpan.FromMinutes(9));
        Assert.Empty(await TakeAsync());
        Assert.Equal("nobody answered", Assert.Single(await Outbox.ListAsync(10, Ct)).LastError);

        Assert.Equal(1, await Outbox.RetryAsync(null, Ct));
        Assert.Equal(mail.Id, Assert.Single(await TakeAsync()).Id);
    }

    [Fact]
    public async Task A_mail_that_was_given_up_says_nothing_any_more_and_cannot_be_retried()
    {
        await AddAsync();
        var mail = Assert.Single(await TakeAsync());
        await Outbox.PutOffAsync(mail.Id, Clock.Now, "nobody answered", Ct);

        await Outbox.GiveUpAsync(mail.Id, null, Ct);

        Assert.Equal((0, 0), (await Outbox.RetryAsync(null, Ct), await Outbox.RetryAsync(mail.Id, Ct)));
        Assert.Empty(await TakeAsync());
        var entry = Assert.Single(await Outbox.ListAsync(10, Ct));
        Assert.Equal((false, null, "nobody answered"), (entry.IsWaiting, entry.SentAt, entry.LastError));
    }

    [Fact]
    public async Task A_mail_is_removed_a_week_after_it_was_of_no_use_any_more()
    {
        await AddAsync();

        Clock.Advance(TimeSpan.FromHours(1) + TimeSpan.FromDays(7) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, await Get<ExpiredRowPruner>().PruneAsync(Clock.Now, Ct));
        Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, await Get<ExpiredRowPruner>().PruneAsync(Clock.Now, Ct));

        Assert.Empty(await Outbox.ListAsync(10, Ct));
    }

    private ValueTask AddAsync() => Outbox.AddAsync("kind", null, Content, TimeSpan.FromHours(1), Ct);

    private ValueTask<IReadOnlyList<DueMail>> TakeAsync() => Outbox.TakeDueAsync(Clock.Now.AddMinutes(1), 5, Ct);
}

public sealed class SqliteOutboxTests : OutboxTests
{
    protected override bool IsPostgres => false;

    [Fact]
    public async Task A_stolen_file_says_neither_what_a_mail_says_nor_to_whom()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var process = database.Open(Clock);
        await ((Outbox)process.GetService(typeof(Outbox))!).AddAsync("kind-in-the-file", null, new("ana@example.com", "Hello", "the-link-in-the-mail", ""), TimeSpan.FromHours(1), Ct);
        await process.DisposeAsync();

        var file = await File.ReadAllBytesAsync(database.FilePath, Ct);

        Assert.True(Holds(file, "kind-in-the-file"), "The row is there, so the search finds what is.");
        Assert.False(Holds(file, "ana@example.com"));
        Assert.False(Holds(file, "the-link-in-the-mail"));
    }

    private static bool Holds(byte[] file, string text) => file.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;
}

public sealed class PostgresOutboxTests : OutboxTests
{
    protected override bool IsPostgres => true;
}
