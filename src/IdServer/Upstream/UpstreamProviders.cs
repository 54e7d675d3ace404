using IdServer.Configuration;

namespace IdServer.Upstream;

/// <summary>The providers there are, in the order of their names.</summary>
public sealed class UpstreamProviders(ServerSettings settings)
{
    public IReadOnlyList<UpstreamProvider> All { get; } = settings.UpstreamProviders;

    /// <returns>Null when there is none of this name.</returns>
    public UpstreamProvider? Find(string? name) => All.FirstOrDefault(provider => provider.Key.Equals(name, StringComparison.OrdinalIgnoreCase));
}
