namespace IdServer.Configuration;

/// <summary>The configuration is wrong and the server must not start: one sentence per fault, each saying where and what to write instead.</summary>
public sealed class ConfigurationFaultsException(IReadOnlyList<string> faults)
    : Exception($"The configuration has {faults.Count} fault(s):{Environment.NewLine}{string.Join(Environment.NewLine, faults)}")
{
    public IReadOnlyList<string> Faults { get; } = faults;
}
