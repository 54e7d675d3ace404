using FsCheck;
using FsCheck.Fluent;

namespace IdServer.Protocol.Tests;

/// <summary>What property tests are tried on.</summary>
internal static class HostileText
{
    /// <summary>A failure prints the smallest input and its seed.</summary>
    public static Config Thousand { get; } = Config.QuickThrowOnFailure.WithMaxTest(1000);

    /// <summary>Any text, or text made of the pieces that mean something to a parser.</summary>
    public static Arbitrary<string> Of(params string[] pieces) => Gen.OneOf(
        ArbMap.Default.GeneratorFor<string>().Select(s => s ?? ""),
        Gen.Elements(pieces).ListOf().Select(string.Concat),
        Gen.OneOf(Gen.Elements(pieces), ArbMap.Default.GeneratorFor<char>().Select(c => c.ToString())).ListOf().Select(string.Concat)).ToArbitrary();
}
