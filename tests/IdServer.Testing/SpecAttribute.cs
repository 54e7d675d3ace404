using Xunit.v3;

namespace IdServer.Testing;

/// <summary>Names the rule a test proves, as the xunit trait <c>Spec</c>: <c>dotnet test --filter "Spec=RFC 6749 §4.1.3"</c>.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class, AllowMultiple = true)]
public sealed class SpecAttribute(string document, string section) : Attribute, ITraitAttribute
{
    /// <summary>For example <c>RFC 6749</c>, <c>OIDC Core</c> or <c>requirement</c>.</summary>
    public string Document { get; } = document;

    /// <summary>For example <c>§4.1.3</c>, or the number of a requirement.</summary>
    public string Section { get; } = section;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Spec", $"{Document} {Section}")];
}
