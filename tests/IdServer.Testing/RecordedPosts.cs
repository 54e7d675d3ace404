using IdServer.Protocol.EndSession;

namespace IdServer.Testing;

/// <summary>Clients that are told of ended sessions, all at once: what they were sent, and the status they answer.</summary>
public sealed class RecordedPosts : ILogoutChannel
{
    /// <summary>Null: they do not answer.</summary>
    public int? Answer { get; set; } = 200;

    public IList<(Uri Uri, string Form)> Sent { get; } = [];

    public ValueTask<int?> PostAsync(Uri uri, string form, CancellationToken ct)
    {
        Sent.Add((uri, form));
        return new(Answer);
    }
}
