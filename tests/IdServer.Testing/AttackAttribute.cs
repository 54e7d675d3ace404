using Xunit.v3;

namespace IdServer.Testing;

/// <summary>Names the attack a test makes, as the xunit trait <c>Attack</c>, for the index of <c>docs/conformance.md</c>. The test proves the exact error, and that nothing was written.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class, AllowMultiple = true)]
public sealed class AttackAttribute(string name) : Attribute, ITraitAttribute
{
    /// <summary>For example <c>redirect tricks</c>.</summary>
    public string Name { get; } = name;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Attack", Name)];
}
