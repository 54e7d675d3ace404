using IdServer.Protocol.Issuance;
using IdServer.Protocol.Stores;

namespace IdServer.Testing.Stores;

/// <inheritdoc cref="MemoryStores"/>
public sealed class MemoryDeviceCodeStore : IDeviceCodeStore
{
    private readonly MemoryState state;

    internal MemoryDeviceCodeStore(MemoryState state) => this.state = state;

    public IReadOnlyList<DeviceCode> All => state.Read(s => s.DeviceCodes.Values.Select(known => known.Code).ToArray());

    /// <summary>How many of the next saves will find their user code taken.</summary>
    public int Collisions { get; set; }

    public ValueTask<bool> TrySaveAsync(DeviceCode code, CancellationToken ct) => ValueTask.FromResult(state.Write(s =>
    {
        if (Collisions > 0 || s.DeviceCodes.Values.Any(known => known.Code.UserCode == code.UserCode))
        {
            Collisions = Math.Max(0, Collisions - 1);
            return false;
        }

        s.DeviceCodes.Add(code.Key.Id, (code, null));
        s.Wrote();
        return true;
    }));

    public ValueTask<DeviceCode?> FindAsync(string userCode, CancellationToken ct) =>
        ValueTask.FromResult(state.Read(s => s.DeviceCodes.Values.Select(known => known.Code).FirstOrDefault(code => code.UserCode == userCode)));

    public ValueTask<bool> TryApproveAsync(Guid id, Grant grant, DateTimeOffset now, CancellationToken ct) => ValueTask.FromResult(state.Write(s =>
    {
        if (!TryDecide(s, id, grant, now))
        {
            return false;
        }

        var bornEnded = grant.SessionId is { } sessionId && s.Sessions.TryGetValue(sessionId, out var session) && session.Ended;
        s.Grants.Add(grant.Id, (grant, bornEnded ? now : null));
        return true;
    }));

    public ValueTask<bool> TryDenyAsync(Guid id, DateTimeOffset now, CancellationToken ct) => ValueTask.FromResult(state.Write(s => TryDecide(s, id, null, now)));

    public ValueTask<DevicePoll?> PollAsync(HandleKey key, string clientId, DateTimeOffset now, CancellationToken ct) => ValueTask.FromResult(state.Write(s =>
    {
        if (Find(s, key) is not { } code || code.ClientId != clientId)
        {
            return null;
        }

        if (code.StateAt(now) != DeviceCodeState.Pending)
        {
            return new DevicePoll(code, false);
        }

        var tooEarly = s.DeviceCodes[key.Id].PolledAt is { } before && now < before + code.PollInterval - TimeSpan.FromSeconds(1);
        var polled = tooEarly ? code with { PollInterval = code.PollInterval + TimeSpan.FromSeconds(5) } : code;
        s.DeviceCodes[key.Id] = (polled, now);
        s.Wrote();
        return new DevicePoll(polled, tooEarly);
    }));

    public ValueTask<bool> TryRedeemAsync(HandleKey key, RefreshToken? first, DateTimeOffset now, CancellationToken ct) => ValueTask.FromResult(state.Write(s =>
    {
        if (Find(s, key) is not { Grant: { } grant } code || code.StateAt(now) != DeviceCodeState.Approved || s.HasEnded(grant.Id))
        {
            return false;
        }

        s.DeviceCodes[key.Id] = (code with { RedeemedAt = now }, null);
        if (first is not null)
        {
            s.RefreshTokens.Add(first.Key.Id, new StoredRefreshToken(first, grant, null, null));
        }

        s.Wrote();
        return true;
    }));

    private static bool TryDecide(MemoryState s, Guid id, Grant? grant, DateTimeOffset now)
    {
        if (!s.DeviceCodes.TryGetValue(id, out var known) || known.Code.StateAt(now) != DeviceCodeState.Pending)
        {
            return false;
        }

        s.DeviceCodes[id] = (known.Code with { DecidedAt = now, Grant = grant }, known.PolledAt);
        s.Wrote();
        return true;
    }

    private static DeviceCode? Find(MemoryState s, HandleKey key) =>
        s.DeviceCodes.TryGetValue(key.Id, out var known) && MemoryState.Same(known.Code.Key, key) ? known.Code : null;
}
