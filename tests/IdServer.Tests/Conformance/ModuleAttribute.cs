using Xunit.v3;

namespace IdServer.Tests.Conformance;

/// <summary>Names the module of the certification suite that a test proves, as the xunit trait <c>Module</c>: <c>dotnet test --filter "Module=oidcc-server"</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ModuleAttribute(string name) : Attribute, ITraitAttribute
{
    public string Name { get; } = name;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Module", Name)];
}
