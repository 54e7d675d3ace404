using IdServer.Protocol.Stores;

namespace IdServer.Testing.Stores;

/// <inheritdoc cref="MemoryStores"/>
public sealed class MemoryConsentStore : IConsentStore
{
    private readonly MemoryState state;

    internal MemoryConsentStore(MemoryState state) => this.state = state;

    public ValueTask<Consent?> FindAsync(string subject, string clientId, CancellationToken ct) =>
        ValueTask.FromResult(state.Read(s => s.Consents.GetValueOrDefault((subject, clientId))));

    public ValueTask RememberAsync(string subject, string clientId, IReadOnlyList<string> scopes, IReadOnlyList<string> claims, DateTimeOffset now, CancellationToken ct)
    {
        state.Write(s =>
        {
            var before = s.Consents.GetValueOrDefault((subject, clientId)) ?? new Consent([], []);
            s.Consents[(subject, clientId)] = new Consent([.. before.Scopes.Union(scopes)], [.. before.Claims.Union(claims)]);
            s.Wrote();
            return true;
        });
        return ValueTask.CompletedTask;
    }

    public ValueTask WithdrawAsync(string subject, string clientId, CancellationToken ct)
    {
        state.Write(s =>
        {
            if (s.Consents.Remove((subject, clientId)))
            {
                s.Wrote();
            }

            return true;
        });
        return ValueTask.CompletedTask;
    }
}
