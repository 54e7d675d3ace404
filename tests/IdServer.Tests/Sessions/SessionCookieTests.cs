using IdServer.Protocol.Events;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Options;
using IdServer.Protocol.Sessions;
using IdServer.Sessions;
using IdServer.Testing;
using IdServer.Testing.Stores;
using IdServer.Tokens.Registries;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace IdServer.Tests.Sessions;

public sealed class SessionCookieTests
{
    private readonly ManualClock clock = new();
    private readonly MemoryStores stores;
    private readonly ProtocolOptions options = Build.Options();
    private readonly RecordingEvents events = new();
    private readonly CountingProtection protection = new();
    private readonly SessionCookie cookie;
    private readonly string subject;
    private string? kept;

    public SessionCookieTests()
    {
        var changes = new MemoryChangeFeed();
        stores = new MemoryStores(changes);
        subject = Build.Subject(clock);
        cookie = new SessionCookie(protection, new CookieNames(options), stores.Sessions, new RevokedSet(changes), events, options, clock);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Spec("requirement", "50")]
    public async Task A_session_is_read_back_as_it_was_until_it_expires()
    {
        var session = await SignInAsync();

        Assert.Equivalent(session, Read(), strict: true);
        clock.Advance(options.SessionLifetime - TimeSpan.FromSeconds(1));
        Assert.NotNull(Read());
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(Read());
    }

    [Fact]
    public async Task A_cookie_is_unsealed_once_however_often_it_is_read()
    {
        await SignInAsync();

        Assert.Equal(Read(), Read());
        Assert.Equal(1, protection.Unsealed);
    }

    [Fact]
    public async Task A_cookie_that_was_read_before_is_worth_nothing_once_its_session_has_ended()
    {
        var session = await SignInAsync();
        Assert.NotNull(Read());

        await stores.Sessions.EndAsync(session.Id, clock.Now, Ct);

        Assert.Null(Read());
    }

    [Fact]
    public async Task The_cookie_belongs_to_this_host_and_to_no_script()
    {
        await SignInAsync();

        var header = kept!;
        Assert.StartsWith("__Host-idserver.session=", header, StringComparison.Ordinal);
        foreach (var flag in new[] { "path=/", "secure", "samesite=lax", "httponly" })
        {
            Assert.Contains("; " + flag, header, StringComparison.OrdinalIgnoreCase);
        }

        Assert.DoesNotContain("domain=", header, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(subject, header, StringComparison.Ordinal);
    }

    [Fact]
    public void On_a_loopback_issuer_without_tls_the_name_is_plain()
    {
        var names = new CookieNames(new ProtocolOptions { Issuer = "http://localhost:5100" });

        Assert.Equal("idserver.session", names.Session);
        Assert.False(names.Flags().Secure);
        Assert.True(names.Flags().HttpOnly);
    }

    [Fact]
    public async Task Somebody_else_signing_in_gets_a_new_session_and_ends_the_one_before()
    {
        var first = await SignInAsync();
        var stolen = kept;
        clock.Advance(TimeSpan.FromSeconds(1));

        var second = await SignInAsync(Build.Subject(clock));

        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal(second.Id, Read()?.Id);
        Assert.Equal([new ProtocolEvent(EventKind.SessionEnded, Subject: subject, Detail: "somebody else signed in", SessionId: first.Id)], events.Raised);
        kept = stolen;
        Assert.Null(Read());
    }

    [Fact]
    [Spec("requirement", "6")]
    public async Task The_same_person_entering_credentials_again_keeps_the_session_with_a_new_auth_time()
    {
        var first = await SignInAsync();
        clock.Advance(TimeSpan.FromSeconds(1));

        var second = await SignInAsync();

        Assert.Equal((first.Id, clock.Now), (second.Id, second.AuthTime));
        Assert.Equal(clock.Now + options.SessionLifetime, Read()?.ExpiresAt);
    }

    [Fact]
    public async Task A_session_that_was_ended_is_never_continued()
    {
        var first = await SignInAsync();
        clock.Advance(TimeSpan.FromSeconds(1));
        await stores.Sessions.EndAsync(first.Id, clock.Now, Ct);

        Assert.NotEqual(first.Id, (await SignInAsync()).Id);
    }

    [Fact]
    [Spec("requirement", "48")]
    public async Task Signing_out_ends_the_session_also_where_its_cookie_was_copied()
    {
        var session = await SignInAsync();
        var copied = kept;
        var context = Request();

        await cookie.SignOutAsync(context, Ct);

        Assert.Contains("expires=Thu, 01 Jan 1970", context.Response.Headers.SetCookie.ToString(), StringComparison.Ordinal);
        Assert.Equal([new ProtocolEvent(EventKind.SessionEnded, Subject: subject, Detail: "signed out", SessionId: session.Id)], events.Raised);
        kept = copied;
        Assert.Null(Read());
    }

    [Fact]
    public async Task What_ends_everything_of_a_person_ends_the_session_too()
    {
        await SignInAsync();
        clock.Advance(TimeSpan.FromSeconds(1));

        await stores.Grants.EndAllOfSubjectAsync(subject, clock.Now, Ct);

        Assert.Null(Read());
    }

    [Fact]
    public async Task An_altered_cookie_is_no_session()
    {
        await SignInAsync();
        var value = Value();
        foreach (var altered in new[] { value[..^1], value + "A", (value[0] == 'A' ? "B" : "A") + value[1..], "", "nonsense", "%%%", new string('A', 5000) })
        {
            var context = new DefaultHttpContext();
            context.Request.Headers.Cookie = "__Host-idserver.session=" + altered;
            Assert.Null(cookie.Read(context));
        }
    }

    private async Task<SsoSession> SignInAsync(string? who = null)
    {
        var context = Request();
        var session = await cookie.SignInAsync(context, who ?? subject, [AuthenticationMethods.Password], AuthenticationContexts.Password, clock.Now, clock.Now, expiresAt: null, Guid.CreateVersion7(clock.Now), Ct);
        kept = Assert.Single(context.Response.Headers.SetCookie);
        return session;
    }

    private SsoSession? Read() => cookie.Read(Request());

    private DefaultHttpContext Request()
    {
        var context = new DefaultHttpContext();
        if (kept is not null)
        {
            context.Request.Headers.Cookie = kept.Split(';')[0];
        }

        return context;
    }

    private string Value() => kept!.Split(';')[0].Split('=', 2)[1];

    private sealed class CountingProtection : IDataProtectionProvider, IDataProtector
    {
        private readonly IDataProtector real = new EphemeralDataProtectionProvider().CreateProtector("test");

        public int Unsealed { get; private set; }

        public IDataProtector CreateProtector(string purpose) => this;

        public byte[] Protect(byte[] plaintext) => real.Protect(plaintext);

        public byte[] Unprotect(byte[] protectedData)
        {
            Unsealed++;
            return real.Unprotect(protectedData);
        }
    }
}
