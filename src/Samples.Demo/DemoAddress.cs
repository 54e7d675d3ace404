namespace Samples.Demo;

/// <summary>A program of the demo and where it listens.</summary>
/// <param name="Probe">Path that answers 200 as soon as it works.</param>
internal sealed record DemoAddress(string Name, string Project, int Port, string Probe)
{
    public string Url => $"http://localhost:{Port}";
}
