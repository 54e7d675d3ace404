using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;
using IdServer.Tokens.Revocations;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace IdServer.ResourceServer;

/// <summary>
/// What the issuer has revoked, pulled from its revocation feed while the application runs with <see cref="TokenValidation.Feed"/>. Each pull waits at the issuer for
/// something new, so a revocation arrives at once; none ever takes effect later than <see cref="Bound"/>, because a feed that has not answered for so long is not
/// believed and the issuer is asked about every token instead. Safe for concurrent use.
/// </summary>
public sealed class RevocationFeed : BackgroundService
{
    /// <summary>After it everything revoked is refused by every API: 2 seconds.</summary>
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(2);

    // A pull proves what had been revoked when it began. Two of them and two round trips must fit into the bound.
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50); // a storm of revocations comes in few answers
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PruneInterval = TimeSpan.FromMinutes(1);

    private readonly RevocationSet entries = new();
    private readonly IOptionsMonitor<ResourceServerOptions> options;
    private readonly IssuerKeys issuer;
    private readonly IHttpClientFactory clients;
    private readonly TimeProvider time;
    private readonly ILogger<RevocationFeed> logger;
    private long cursor;
    private long knownUpTo = long.MinValue; // timestamp of the start of the last pull that left nothing out
    private long demanded = long.MinValue; // what is known must be at least as young
    private bool failing;

    internal RevocationFeed(IOptionsMonitor<ResourceServerOptions> options, IssuerKeys issuer, IHttpClientFactory clients, TimeProvider time, ILogger<RevocationFeed> logger)
    {
        this.options = options;
        this.issuer = issuer;
        this.clients = clients;
        this.time = time;
        this.logger = logger;
    }

    private enum Pulled
    {
        Nothing,
        Everything,
        More,
    }

    /// <summary>How old the knowledge is; null when there is none yet.</summary>
    public TimeSpan? Age => Volatile.Read(ref knownUpTo) is var start && start != long.MinValue ? time.GetElapsedTime(start) : null;

    /// <summary>Whether the feed may be believed. While it may not, the issuer is asked about every token.</summary>
    public bool IsFresh => Volatile.Read(ref knownUpTo) is var start && start != long.MinValue && start >= Volatile.Read(ref demanded) && time.GetElapsedTime(start) <= Bound;

    /// <summary>How many revocations are remembered.</summary>
    public int Count => entries.Count;

    /// <summary>
    /// Pulls now. What had been revoked before the call is refused from its return on: an API that has just revoked a token itself calls this before it says so.
    /// </summary>
    /// <returns>False when the feed did not answer; until it does, the issuer is asked about every token, so that the promise holds all the same.</returns>
    /// <exception cref="InvalidOperationException">The application does not use the feed.</exception>
    public async Task<bool> PullAsync(CancellationToken ct)
    {
        if (options.Get(ResourceServerServices.Scheme).Validation != TokenValidation.Feed)
        {
            throw new InvalidOperationException($"There is no revocation feed: set Validation to {TokenValidation.Feed}.");
        }

        var start = time.GetTimestamp();
        var pulled = Pulled.Nothing;
        try
        {
            do
            {
                pulled = await PullPageAsync(TimeSpan.Zero, ct);
            }
            while (pulled == Pulled.More);
        }
        finally
        {
            if (pulled != Pulled.Everything)
            {
                Raise(ref demanded, start);
            }
        }

        return pulled == Pulled.Everything;
    }

    internal bool Holds(CheckedToken token) => token.Id is { } id && entries.HoldsToken(id, token.GrantId, token.SessionId, token.UserId);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Get(ResourceServerServices.Scheme).Validation != TokenValidation.Feed)
        {
            return;
        }

        var pause = TimeSpan.Zero;
        var pruned = time.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            var pulled = await PullPageAsync(IsFresh ? Wait : TimeSpan.Zero, stoppingToken);
            pause = pulled switch
            {
                Pulled.More => TimeSpan.Zero,
                Pulled.Everything => Pace,
                _ => pause < FirstPause ? FirstPause : pause * 2 < LongestPause ? pause * 2 : LongestPause,
            };
            if (time.GetElapsedTime(pruned) >= PruneInterval)
            {
                Prune();
                pruned = time.GetTimestamp();
            }

            await Task.Delay(pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // real time: a test that stops the clock is told of revocations all the same
        }
    }

    // A token may be accepted for so long after its expiry, and is no less revoked then.
    private void Prune() => entries.Prune(time.GetUtcNow() - options.Get(ResourceServerServices.Scheme).ClockSkew);

    private async Task<Pulled> PullPageAsync(TimeSpan wait, CancellationToken ct)
    {
        var settings = options.Get(ResourceServerServices.Scheme);
        var endpoint = new Uri(settings.Issuer + RevocationPage.Path);
        try
        {
            if (await issuer.GetAsync(ct) is not { } documents)
            {
                return Fail(endpoint, "The issuer's keys are not known yet.");
            }

            var start = time.GetTimestamp();
            var after = Volatile.Read(ref cursor);
            var nonce = RandomNumberGenerator.GetHexString(32);
            var rules = RevocationFeedRules.For(settings.Issuer, settings.Introspection!.ClientId) with { ClockSkew = settings.ClockSkew };
            var outcome = await issuer.ValidateAsync(await FetchAsync(endpoint, settings, after, wait, nonce, ct), rules, documents, ct);
            if (!outcome.IsValid || JwtValidator.Text(outcome.Claims, ClaimNames.Nonce) != nonce || RevocationPage.Read(outcome.Claims) is not { } page || page.After != after)
            {
                return Fail(endpoint, outcome.IsValid ? "The answer is not the one to this question." : $"The answer is not the issuer's ({outcome.Fault}).");
            }

            return Apply(page, start, settings) ? page.More ? Pulled.More : Pulled.Everything : Fail(endpoint, $"There are more than {settings.MaximumRevocations} revocations: raise MaximumRevocations.");
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return Fail(endpoint, e.Message);
        }
        catch (OperationCanceledException)
        {
            return Pulled.Nothing;
        }
    }

    private async Task<string> FetchAsync(Uri endpoint, ResourceServerOptions settings, long after, TimeSpan wait, string nonce, CancellationToken ct)
    {
        using var client = clients.CreateClient(ResourceServerServices.Backchannel);
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint)
        {
            Content = new FormUrlEncodedContent(
            [
                new(Parameters.After, after.ToString(CultureInfo.InvariantCulture)),
                new(Parameters.Wait, wait.TotalSeconds.ToString(CultureInfo.InvariantCulture)),
                new(Parameters.Nonce, nonce),
            ]),
        };
        request.Headers.Authorization = settings.Introspection!.ToHeader();
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/" + TokenTypes.RevocationsJwt));
        using var response = await client.SendAsync(request, ct);
        return response.StatusCode == HttpStatusCode.OK
            ? await response.Content.ReadAsStringAsync(ct)
            : throw new HttpRequestException($"It answered {(int)response.StatusCode}: check the client id and secret of this API, and that a resource lists its client in introspection_clients.");
    }

    private bool Apply(RevocationPage page, long start, ResourceServerOptions settings)
    {
        if (entries.Count + page.Revocations.Count > settings.MaximumRevocations)
        {
            Prune();
            if (entries.Count + page.Revocations.Count > settings.MaximumRevocations)
            {
                return false; // forgetting one would bring a dead token back to life
            }
        }

        foreach (var revocation in page.Revocations)
        {
            entries.Add(revocation);
        }

        Raise(ref cursor, page.Next);
        if (!page.More)
        {
            Raise(ref knownUpTo, start);
            if (Interlocked.Exchange(ref failing, false))
            {
                Log.FeedRecovered(logger, settings.Issuer);
            }
        }

        return true;
    }

    private Pulled Fail(Uri endpoint, string reason)
    {
        if (!Interlocked.Exchange(ref failing, true))
        {
            Log.FeedFailed(logger, endpoint, reason);
        }

        return Pulled.Nothing;
    }

    // Pulls run side by side: none takes back what another has reached.
    private static void Raise(ref long field, long value)
    {
        for (var known = Volatile.Read(ref field); known < value;)
        {
            var seen = Interlocked.CompareExchange(ref field, value, known);
            if (seen == known)
            {
                return;
            }

            known = seen;
        }
    }
}
