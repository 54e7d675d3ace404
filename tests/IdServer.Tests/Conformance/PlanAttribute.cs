using Xunit.v3;

namespace IdServer.Tests.Conformance;

/// <summary>
/// Names the certification plan whose modules a class proves, as the xunit trait <c>Plan</c>. The classes of a plan are a collection of that name too: they share one
/// server (<see cref="ConformanceServer"/>) and run one after the other, because they share its clock.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class PlanAttribute(string name) : Attribute, ITraitAttribute
{
    public string Name { get; } = name;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Plan", Name)];
}
