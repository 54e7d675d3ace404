using System.Text.Json;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Jose;

namespace IdServer.Protocol.Clients;

/// <summary>
/// The keys at one address: read when first needed, again when they are <see cref="Fresh"/> no more or a key is missing, but never twice at a time, and at most
/// <see cref="Burst"/> times in a row and then once in <see cref="Refill"/>, so that invented kids cannot be turned into a flood on the client. A read that
/// fails keeps the old keys, until they are older than <see cref="MaximumAge"/>.
/// </summary>
public sealed class RemoteKeys(Uri address, IDocumentFetcher fetcher, TimeProvider time)
{
    /// <summary>After it they are read again, while the old ones are still used: a withdrawn key is found out.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromMinutes(10);

    /// <summary>After it they are not used any more.</summary>
    public static readonly TimeSpan MaximumAge = TimeSpan.FromHours(24);

    /// <summary>A client may change its keys right after they were first read.</summary>
    public const int Burst = 3;

    public static readonly TimeSpan Refill = TimeSpan.FromSeconds(30);

    private const int LongestDocument = 32 * 1024;

    private readonly Lock gate = new();
    private volatile Document? current;
    private Task reading = Task.CompletedTask;
    private DateTimeOffset budgetFullAt = DateTimeOffset.MinValue;

    /// <returns>Null when they could not be had.</returns>
    public async ValueTask<JwkSet?> GetAsync(CancellationToken ct)
    {
        if (Usable() is not { } document)
        {
            await ReadOnce().WaitAsync(ct);
            return Usable()?.Keys;
        }

        if (time.GetUtcNow() - document.ReadAt > Fresh)
        {
            _ = ReadOnce(); // nobody waits
        }

        return document.Keys;
    }

    /// <summary>Reads again because <paramref name="seen"/> lacks a key, unless somebody has done so since.</summary>
    public async ValueTask<JwkSet?> RefreshAsync(JwkSet? seen, CancellationToken ct)
    {
        if (seen is not null && Usable()?.Keys == seen)
        {
            await ReadOnce().WaitAsync(ct);
        }

        return Usable()?.Keys;
    }

    private Document? Usable() => current is { } document && time.GetUtcNow() - document.ReadAt <= MaximumAge ? document : null;

    // Shared by all who wait: one that goes away does not end it, the fetcher's own limits do.
    private Task ReadOnce()
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            if (!reading.IsCompleted || budgetFullAt > now + ((Burst - 1) * Refill))
            {
                return reading;
            }

            budgetFullAt = (budgetFullAt > now ? budgetFullAt : now) + Refill;
            return reading = Task.Run(ReadAsync);
        }
    }

    private async Task ReadAsync()
    {
        if (await fetcher.FetchAsync(address, LongestDocument, CancellationToken.None) is not { } json)
        {
            return;
        }

        try
        {
            current = new Document(JwkSet.Parse(json), time.GetUtcNow());
        }
        catch (JsonException)
        {
            // No key set: the old one stays.
        }
    }

    private sealed record Document(JwkSet Keys, DateTimeOffset ReadAt);
}
