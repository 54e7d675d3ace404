using System.Globalization;
using IdServer.Branding;
using IdServer.Localization;

namespace IdServer.Configuration;

/// <summary>What section <c>IdServer:Branding</c> must satisfy, and what it means.</summary>
internal static class BrandingRules
{
    private const int LargestLogo = 256 * 1024;

    public static IEnumerable<string> Check(DeclaredBranding? branding)
    {
        if (branding is null)
        {
            return [];
        }

        string?[] faults = [LinkFault("TermsUrl", branding.TermsUrl), LinkFault("PrivacyUrl", branding.PrivacyUrl), LogoFault(branding.Logo), AccentFault(branding.Accent)];
        return faults.OfType<string>().Concat(branding.Texts is { } directory ? TextFiles.Check(directory) : []).Select(fault => "IdServer:Branding: " + fault);
    }

    public static BrandingSettings Complete(DeclaredBranding? branding) => branding is null ? new() : new()
    {
        TermsUrl = branding.TermsUrl,
        PrivacyUrl = branding.PrivacyUrl,
        Logo = branding.Logo is { } logo ? Path.GetFullPath(logo) : null,
        Accent = branding.Accent,
        Texts = branding.Texts is { } directory ? TextFiles.Read(directory) : new BrandingSettings().Texts,
    };

    private static string? LinkFault(string member, string? url) => url is null || (Uri.TryCreate(url, UriKind.Absolute, out var link) && link.Scheme == Uri.UriSchemeHttps)
        ? null
        : $"{member} is \"{url}\": write the whole https address of the page.";

    private static string? LogoFault(string? logo) => logo is null ? null
        : Brand.MediaTypeOf(logo) is null ? $"Logo is \"{logo}\": write the path of an SVG, PNG, WebP or JPEG file, which the server passes on itself."
        : !File.Exists(logo) ? $"Logo is \"{logo}\", which is not there: write the path of a file, from the working directory."
        : new FileInfo(logo).Length > LargestLogo ? $"Logo is \"{logo}\", which is larger than 256 KB: it stands on every page at a height of 44 pixels."
        : null;

    private static string? AccentFault(string? accent)
    {
        if (accent is null)
        {
            return null;
        }

        if (!Colour.TryParse(accent, out var colour))
        {
            return $"Accent is \"{accent}\": write a colour with six digits, such as \"#0a6354\".";
        }

        return Palette.Readable(colour) is var readable && readable == colour
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"Accent is \"{accent}\", which people with weak eyes cannot read on white ({colour.ContrastWith(Colour.White):0.0}:1; WCAG AA asks for 4.5:1 there and on our tinted grounds): write \"{readable}\", the nearest shade that they can.");
    }
}
