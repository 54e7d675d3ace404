using System.Text.RegularExpressions;

namespace IdServer.Tests.Demo;

/// <summary>The README: its commands and its links.</summary>
internal static partial class Readme
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Clone.Root, "README.md"));

    /// <summary>The commands in their order, each with how it is proved: <c>demo</c>, <c>run</c> or <c>syntax</c>; empty when nothing says so.</summary>
    public static IReadOnlyList<(string Test, string Command)> Commands { get; } =
        [.. Block().Matches(Text).Select(m => (m.Groups["test"].Value, m.Groups["command"].Value.TrimEnd()))];

    /// <summary>Paths inside the clone that links and pictures lead to.</summary>
    public static IReadOnlyList<string> Paths { get; } = [.. Link().Matches(Text).Select(m => m.Groups["path"].Value)];

    public static string Only(string test) => Commands.Single(command => command.Test == test).Command;

    [GeneratedRegex(@"(?:<!-- test: (?<test>\w+) -->\n)?```bash\n(?<command>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Block();

    [GeneratedRegex(@"\]\((?!https?:)(?<path>[^)#]+)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Link();
}
