using Xunit.v3;

namespace IdServer.Testing;

/// <summary>
/// Names what people can do in a real browser, as the xunit trait <c>Journey</c>, for the index of <c>docs/conformance.md</c>. The items are listed in <c>tests/conformance.json</c>:
/// each needs a journey, and a journey proves listed items only.
/// </summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class, AllowMultiple = true)]
public sealed class JourneyAttribute(string item) : Attribute, ITraitAttribute
{
    /// <summary>For example <c>remembered devices</c>.</summary>
    public string Item { get; } = item;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Journey", Item)];
}
