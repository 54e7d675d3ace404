using System.Net;
using IdServer.Data.Users;
using IdServer.Mail;
using IdServer.Protocol.Events;
using IdServer.Protocol.Users;
using IdServer.Routes;
using IdServer.Users;

namespace IdServer.Recovery;

/// <summary>
/// Sends the links by which people set another password. An address without an account is told so, once in a while: whoever has several must know which one it was.
/// Three mails go to one account in a quarter of an hour, of which the last is good for half an hour: who is refused has one.
/// </summary>
public sealed partial class RecoveryMails : BackgroundService
{
    public static readonly TimeSpan LinkLifetime = TimeSpan.FromMinutes(30);

    private const int MostMails = 3;

    private readonly RecoveryRequests requests;
    private readonly StoredUsers stored;
    private readonly IUserClaimsSource users;
    private readonly OneTimeTokens tokens;
    private readonly Mailer mailer;
    private readonly IProtocolEvents events;
    private readonly TimeProvider time;
    private readonly ILogger<RecoveryMails> log;
    private readonly MailLinks links;
    private readonly FailureBudgets<string> mails;

    public RecoveryMails(
        RecoveryRequests requests, StoredUsers stored, IUserClaimsSource users, OneTimeTokens tokens, Mailer mailer, MailLinks links, IProtocolEvents events, TimeProvider time, ILogger<RecoveryMails> log)
    {
        this.requests = requests;
        this.stored = stored;
        this.users = users;
        this.tokens = tokens;
        this.mailer = mailer;
        this.events = events;
        this.time = time;
        this.log = log;
        this.links = links;
        var window = TimeSpan.FromMinutes(15);
        mails = new(new BudgetRule(MostMails, window, window, window, IsWindow: true), time);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var request in requests.Waiting.ReadAllAsync(stoppingToken))
        {
            try
            {
                await AnswerAsync(request, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(e); // The person gets no mail, and asks again.
            }
        }
    }

    private async Task AnswerAsync(RecoveryRequest request, CancellationToken ct)
    {
        var id = await stored.FindIdAsync(request.Login, ct);
        if (id is null)
        {
            await TellThereIsNoneAsync(request, ct);
        }
        else if (await users.FindAsync(id.Value.ToString(), ct) is not { } user) // who is disabled is not found
        {
            Raise(request.Source, id, "disabled account");
        }
        else if (user.Email is not { } address)
        {
            Raise(request.Source, id, "account without an address");
        }
        else if (!await MayAsync(id.Value.ToString(), ct))
        {
            Raise(request.Source, id, "too many mails");
        }
        else
        {
            var token = await tokens.IssueAsync(PasswordResets.Purpose, id.Value, address, LinkLifetime, ct);
            await mailer.QueueAsync(MailMessage.ResetPassword(links.To(PagePaths.Reset, token, request.Interaction), LinkLifetime), new MailRecipient(address, user.Locale ?? request.Language, user.ZoneInfo, id), ct);
            Raise(request.Source, id, "mail sent");
        }
    }

    private async Task TellThereIsNoneAsync(RecoveryRequest request, CancellationToken ct)
    {
        if (UserRules.IsEmail(request.Login) && await MayAsync(request.Login.ToUpperInvariant(), ct))
        {
            await mailer.QueueAsync(MailMessage.NoAccount(), request.Login, request.Language, null, ct);
        }

        Raise(request.Source, null, "no such account");
    }

    private async ValueTask<bool> MayAsync(string key, CancellationToken ct)
    {
        var (budget, _) = await mails.EnterAsync(key, ct);
        budget?.Leave(Attempt.Failed, time.GetUtcNow());
        return budget is not null;
    }

    // Never with what was typed: it may be the password.
    private void Raise(IPAddress? source, Guid? id, string detail) => events.Raise(new ProtocolEvent(EventKind.RecoveryAsked, Subject: id?.ToString(), Detail: detail, RemoteAddress: source));

    [LoggerMessage(1550, LogLevel.Error, "A mail for a forgotten password could not be queued")]
    private partial void LogFailed(Exception exception);
}
