using System.Text.RegularExpressions;
using Xunit;

namespace IdServer.Tests.Localization;

/// <summary>Every word on a page comes from the resource files: what stands in the markup itself is no word.</summary>
public sealed partial class PageTextsTests
{
    private static readonly string Pages = Path.Combine(Clone.Root, "src", "IdServer", "Pages");

    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(Pages, "*.cshtml", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Pages, f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_page_has_no_words_of_its_own(string file)
    {
        var markup = Comment().Replace(File.ReadAllText(Path.Combine(Pages, file)), "");

        Assert.DoesNotContain(Text().Matches(markup).Select(m => m.Groups["text"].Value.Trim()), text => Word().IsMatch(text));
        Assert.Empty(Spoken().Matches(markup).Select(m => m.Value));
    }

    [GeneratedRegex("@\\*.*?\\*@", RegexOptions.Singleline, 1000)]
    private static partial Regex Comment();

    // Between a tag and the next one, where no expression stands in between.
    [GeneratedRegex("<[a-z][a-z0-9]*(\\s[^<>]*)?(?<!/|=)>(?<text>[^<>@{}]+)</[a-z]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Text();

    [GeneratedRegex("\\p{L}{2,}", RegexOptions.None, 1000)]
    private static partial Regex Word();

    // Attributes that are read out or shown.
    [GeneratedRegex("\\s(alt|title|placeholder|aria-label)=\"[^\"@]*\\p{L}[^\"@]*\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Spoken();
}
