using System.Text.Json.Nodes;
using IdServer.Data.Mail;
using IdServer.Mail;
using IdServer.Testing;
using IdServer.Testing.Mail;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Commands;

/// <summary>What an operator sees of mails, beside a running server whose mail server is down, and then is back.</summary>
public sealed class MailVerbsTests : IAsyncLifetime
{
    private readonly SmtpListener listener = new();
    private RunningServer server = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => server = await RunningServer.StartAsync(new RunningServer { Settings = listener.Settings, Clock = new RushedClock() }); // which looks for mail every five seconds

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        await listener.DisposeAsync();
    }

    [Fact]
    public async Task Mails_are_listed_without_what_they_say_and_tried_again_on_demand()
    {
        Assert.Equal((0, "No mail waits that was tried in vain.\n", ""), await server.RunVerbAsync("mails", "retry"));
        listener.Stop();
        var subject = await server.SubjectOfAsync("ana");
        await server.Provider.GetRequiredService<AccountNotices>().TellAsync(Guid.Parse(subject), MailMessage.PasswordChanged(TimeProvider.System.GetUtcNow()), Ct);
        await Eventually.Async(async () => (await server.Provider.GetRequiredService<Outbox>().ListAsync(1, Ct))[0].LastError, error => error is not null, TimeSpan.FromSeconds(15));

        var listed = await server.RunVerbAsync("mails", "list", "--json");
        var mail = Assert.Single(JsonNode.Parse(listed.Out)!.AsArray())!;
        Assert.Equal(("PasswordChanged", subject, "waits", "the mail server cannot be reached (ConnectionRefused)"), ((string?)mail["kind"], (string?)mail["sub"], (string?)mail["state"], (string?)mail["last_error"]));
        Assert.True(mail["due_at"]!.GetValue<DateTimeOffset>() < mail["expires_at"]!.GetValue<DateTimeOffset>());
        Assert.DoesNotContain("ana@example.com", listed.Out + (await server.RunVerbAsync("mails", "list")).Out, StringComparison.Ordinal);

        listener.Start();
        Assert.Equal((0, "One mail is tried again within seconds, where a server runs.\n", ""), await server.RunVerbAsync("mails", "retry", (string)mail["id"]!));

        await listener.TakeAsync("ana@example.com", ct: Ct);
        await Eventually.Async(async () => (await server.RunVerbAsync("mails", "list")).Out, text => text.Contains(" sent ", StringComparison.Ordinal), TimeSpan.FromSeconds(5));
        var id = (string)mail["id"]!;
        Assert.Equal((1, "", $"No mail {id} waits: it was sent, given up, or never was.\n"), await server.RunVerbAsync("mails", "retry", id));
        Assert.Equal(2, (await server.RunVerbAsync("mails", "retry", "not-an-id")).Code);
        Assert.Equal(2, (await server.RunVerbAsync("mails", "list", "--limit", "0")).Code);
    }
}
