using System.Collections.Concurrent;
using System.Net;
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

    /// <summary>The refresh token of the answer.</summary>
    public async Task<string> RefreshAsync(string token, CancellationToken ct)
    {
        using var response = await PostAsync(http, issuer, ct, (Parameters.GrantType, GrantTypes.RefreshToken), (Parameters.RefreshToken, token));
        var tokens = await ReadAsync(response, ct);
        answers.Add(token, tokens);
        return tokens.GetProperty(Parameters.RefreshToken).GetString()!;
    }

    private async Task<string?> TryRefreshAsync(string token, CancellationToken ct)
    {
        try
        {
            return await RefreshAsync(token, ct);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
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
