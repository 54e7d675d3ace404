using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using IdServer.Tokens.Registries;
using Microsoft.AspNetCore.WebUtilities;
using Xunit;

namespace IdServer.Tests.Durability;

/// <summary>Everything that was answered over all chains and all lives of the server.</summary>
internal sealed class Answers
{
    private int count;

    /// <summary>Refresh token presented, and the one that came back for it. Two answers for one token must agree.</summary>
    public ConcurrentDictionary<string, string> Successors { get; } = new();

    public ConcurrentBag<string> AccessTokenIds { get; } = [];

    public int Count => Volatile.Read(ref count);

    public void Add(string presented, JsonElement tokens)
    {
        var successor = tokens.GetProperty(Parameters.RefreshToken).GetString()!;
        Assert.Equal(Successors.GetOrAdd(presented, successor), successor);
        using var claims = JsonDocument.Parse(WebEncoders.Base64UrlDecode(tokens.GetProperty(Parameters.AccessToken).GetString()!.Split('.')[1]));
        AccessTokenIds.Add(claims.RootElement.GetProperty(ClaimNames.JwtId).GetString()!);
        Interlocked.Increment(ref count);
    }
}

/// <summary>What clients met while a node or the database was away. Anything else than these is an answer, right or wrong.</summary>
internal sealed class Outages
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private int cuts;
    private int badGateways;
    private int unavailable;
    private int withoutPause;

    public int Unavailable => Volatile.Read(ref unavailable);

    /// <summary>503 without <c>Retry-After</c>: there should be none.</summary>
    public int WithoutPause => Volatile.Read(ref withoutPause);

    /// <summary>Whether this is an outage: 502 of the proxy (a node died with the request), or 503.</summary>
    public bool Count(HttpResponseMessage response)
    {
        switch (response.StatusCode)
        {
            case HttpStatusCode.BadGateway:
                Interlocked.Increment(ref badGateways);
                return true;

            case HttpStatusCode.ServiceUnavailable:
                Interlocked.Increment(ref unavailable);
                if (response.Headers.RetryAfter?.Delta is null)
                {
                    Interlocked.Increment(ref withoutPause);
                }

                return true;

            default:
                return false;
        }
    }

    public void CountCut() => Interlocked.Increment(ref cuts);

    public override string ToString() => $"{cuts} connections cut, {badGateways} times 502, {unavailable} times 503, {withoutPause} of them without Retry-After";
}

/// <summary>One authorization: refreshes with the token of the last answer, again and again, each time from two places at once.</summary>
internal sealed class RefreshChain(HttpClient http, string issuer, Answers answers, string first)
{
    /// <summary>What the last answer brought.</summary>
    public string Last { get; private set; } = first;

    /// <summary>What was presented for it; null before the first answer.</summary>
    public string? Before { get; private set; }

    public static async Task<RefreshChain> StartAsync(HttpClient http, string issuer, Answers answers, CancellationToken ct)
    {
        using var response = await PostAsync(http, issuer, ct, (Parameters.GrantType, GrantTypes.Password), (Parameters.Username, Declared.User), (Parameters.Password, Declared.Password), (Parameters.Scope, "openid offline_access"));
        return new RefreshChain(http, issuer, answers, (await ReadAsync(response, ct)).GetProperty(Parameters.RefreshToken).GetString()!);
    }

    /// <summary>Until the server stops answering.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        while (true)
        {
            var answered = await Task.WhenAll(TryRefreshAsync(Last, ct), TryRefreshAsync(Last, ct));
            if ((answered[0] ?? answered[1]) is { } successor)
            {
                (Before, Last) = (Last, successor);
            }

            if (answered.Contains(null))
            {
                return;
            }
        }
    }

    /// <summary>Until it is told to end, whatever fails in between: what was not answered is asked again.</summary>
    public async Task RunThroughAsync(Outages outages, Func<bool> isOver, CancellationToken ct)
    {
        while (!isOver())
        {
            var answered = await Task.WhenAll(InsistAsync(Last, outages, ct), InsistAsync(Last, outages, ct));
            (Before, Last) = (Last, answered[0]); // the other one is the same: Answers says so
        }
    }

    /// <summary>Until the server cannot write, which may take a while: the log may have begun anew, in the room it has.</summary>
    public async Task RunUntilRefusedAsync(CancellationToken ct)
    {
        for (var i = 0; i < 1000; i++)
        {
            using var response = await PostAsync(http, issuer, ct, (Parameters.GrantType, GrantTypes.RefreshToken), (Parameters.RefreshToken, Last));
            if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                return;
            }

            var tokens = await ReadAsync(response, ct);
            answers.Add(Last, tokens);
            (Before, Last) = (Last, tokens.GetProperty(Parameters.RefreshToken).GetString()!);
        }

        Assert.Fail("The server goes on writing.");
    }

    /// <summary>The refresh token of the answer.</summary>
    public async Task<string> RefreshAsync(string token, CancellationToken ct)
    {
        using var response = await PostAsync(http, issuer, ct, (Parameters.GrantType, GrantTypes.RefreshToken), (Parameters.RefreshToken, token));
        var tokens = await ReadAsync(response, ct);
        answers.Add(token, tokens);
        return tokens.GetProperty(Parameters.RefreshToken).GetString()!;
    }

    private async Task<string> InsistAsync(string token, Outages outages, CancellationToken ct)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var response = await PostAsync(http, issuer, ct, (Parameters.GrantType, GrantTypes.RefreshToken), (Parameters.RefreshToken, token));
                if (!outages.Count(response))
                {
                    var tokens = await ReadAsync(response, ct);
                    answers.Add(token, tokens);
                    return tokens.GetProperty(Parameters.RefreshToken).GetString()!;
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException or SocketException)
            {
                outages.CountCut();
            }

            Assert.True(clock.Elapsed < Outages.Limit, $"Not answered for {clock.Elapsed}: {outages}");
            await Task.Delay(20, ct); // asked again, as a client would
        }
    }

    private async Task<string?> TryRefreshAsync(string token, CancellationToken ct)
    {
        try
        {
            return await RefreshAsync(token, ct);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException)
        {
            return null; // killed: nothing was answered
        }
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response, CancellationToken ct)
    {
        var body = await response.Content.ReadAsStringAsync(ct);
        Assert.True(response.StatusCode == HttpStatusCode.OK, body);
        using var document = JsonDocument.Parse(body);
        return document.RootElement.Clone();
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient http, string issuer, CancellationToken ct, params (string Name, string Value)[] form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, issuer + "/connect/token");
        request.Headers.Authorization = Wire.Basic(Declared.Trusted);
        request.Content = new FormUrlEncodedContent(form.Select(p => KeyValuePair.Create(p.Name, p.Value)));
        return await http.SendAsync(request, ct);
    }
}
