using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using IdServer.Branding;
using IdServer.Configuration;
using IdServer.Data.Mail;
using IdServer.Localization;

namespace IdServer.Mail;

/// <summary>Puts a message into words, in the recipient's language: once as plain text, once as HTML that loads nothing from anywhere.</summary>
public sealed class MailWriter(Texts texts, ServerSettings settings)
{
    private const string OwnStyle =
        "body{margin:0;padding:24px;background:#faf8f3;color:#17211f;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}"
        + "main{max-width:560px;margin:0 auto;padding:32px;background:#fff;border-radius:12px}h1{margin:0 0 16px;font-size:22px;line-height:1.3}p{margin:0 0 16px}"
        + "a{color:#0a6354;overflow-wrap:anywhere}p.brand{margin:0 0 20px;color:#0a6354;font-weight:700}a.button{display:inline-block;text-align:center;padding:12px 20px;border-radius:8px;background:#0a6354;color:#fff;font-weight:600;text-decoration:none}"
        + "table{margin:0 0 16px;border-spacing:0}th{padding:4px 16px 4px 0;text-align:left;vertical-align:top;font-weight:600}td{padding:4px 0;overflow-wrap:anywhere}"
        + ".small{font-size:14px;color:#52605d}footer{max-width:560px;margin:16px auto 0;padding:0 32px;font-size:14px;color:#52605d}"
        + "@media (prefers-color-scheme:dark){body{background:#101615;color:#e9efed}main{background:#19211f}a,p.brand{color:#79d6bf}a.button{background:#79d6bf;color:#06231d}.small,footer{color:#a7b5b1}}";

    /// <summary>The only style of the HTML version, in its own element: in the accent colour of the pages.</summary>
    internal string Style { get; } = settings.Branding.Accent is { } accent ? StyleOf(Palette.Of(Colour.Of(accent))) : OwnStyle;

    private static readonly HtmlEncoder Html = HtmlEncoder.Create(UnicodeRanges.All);

    internal MailContent Write(MailMessage message, MailRecipient to)
    {
        var (culture, uiCulture) = (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture);
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = texts.Languages.Of(to.Language) ?? texts.Languages.Of(uiCulture.Name) ?? texts.Languages.All[0];
            var (subject, host) = (Line(texts[$"Mail.{message.Kind}.Subject", settings.ProductName]), new Uri(settings.Protocol.Issuer).Authority);
            var parts = new Parts(
                texts[$"Mail.{message.Kind}.Text", settings.ProductName],
                Facts(message, to),
                message.Link,
                message.Link is null ? null : texts[$"Mail.{message.Kind}.Button", settings.ProductName],
                message.ValidFor is { } time ? texts["Mail.ValidFor", texts.Duration(time)] : null,
                texts[$"Mail.{message.Kind}.NotYou", settings.ProductName],
                texts["Mail.Footer", settings.ProductName, host]);
            return new MailContent(to.Address, subject, PlainOf(subject, parts), HtmlOf(subject, parts));
        }
        finally
        {
            (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = (culture, uiCulture);
        }
    }

    private static string StyleOf(Palette palette) =>
        OwnStyle.Replace("#0a6354", palette.Light.Accent.ToString(), StringComparison.Ordinal).Replace("#79d6bf", palette.Dark.Accent.ToString(), StringComparison.Ordinal);

    private List<(string Name, string Value)> Facts(MailMessage message, MailRecipient to)
    {
        List<(string, string)> facts = [];
        if (message.Change is { } change)
        {
            facts.Add((texts["Mail.Fact.Change"], texts[change]));
        }

        facts.AddRange(message.Facts.Select(fact => (texts[$"Mail.Fact.{fact.Name}"], fact.Value.Length == 0 ? texts["Mail.Fact.Nameless"] : Line(fact.Value))));
        if (message.At is { } at)
        {
            var isKnown = TimeZoneInfo.TryFindSystemTimeZoneById(to.ZoneInfo ?? "", out var zone);
            facts.Add((texts["Mail.Fact.When"], isKnown ? TimeZoneInfo.ConvertTime(at, zone!).ToString("f", CultureInfo.CurrentCulture) : at.ToUniversalTime().ToString("f", CultureInfo.CurrentCulture) + " UTC"));
        }

        return facts;
    }

    private static string PlainOf(string subject, Parts parts)
    {
        var text = new StringBuilder().Append(subject).Append("\n\n").Append(parts.Text).Append("\n\n");
        foreach (var (name, value) in parts.Facts)
        {
            text.Append(name).Append(": ").Append(value).Append('\n');
        }

        text.Append(parts.Facts.Count > 0 ? "\n" : "");
        if (parts.Link is not null)
        {
            text.Append(parts.Button).Append(":\n").Append(parts.Link).Append('\n').Append(parts.ValidFor).Append(parts.ValidFor is null ? "\n" : "\n\n");
        }

        return text.Append(parts.NotYou).Append("\n\n-- \n").Append(parts.Footer).Append('\n').ToString();
    }

    private string HtmlOf(string subject, Parts parts)
    {
        var html = new StringBuilder().Append(CultureInfo.InvariantCulture, $"<!doctype html>\n<html lang=\"{CultureInfo.CurrentUICulture.TwoLetterISOLanguageName}\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<title>").Append(Html.Encode(subject))
            .Append("</title>\n<style>").Append(Style).Append("</style>\n</head>\n<body>\n<main>\n<p class=\"brand\">").Append(Html.Encode(settings.ProductName)).Append("</p>\n<h1>").Append(Html.Encode(subject)).Append("</h1>\n<p>").Append(Html.Encode(parts.Text)).Append("</p>\n");
        if (parts.Facts.Count > 0)
        {
            html.Append("<table>\n");
            foreach (var (name, value) in parts.Facts)
            {
                html.Append("<tr><th scope=\"row\">").Append(Html.Encode(name)).Append("</th><td>").Append(Html.Encode(value)).Append("</td></tr>\n");
            }

            html.Append("</table>\n");
        }

        if (parts.Link is not null)
        {
            var link = Html.Encode(parts.Link);
            html.Append("<p><a class=\"button\" href=\"").Append(link).Append("\">").Append(Html.Encode(parts.Button!)).Append("</a></p>\n");
            html.Append("<p class=\"small\">").Append(parts.ValidFor is null ? "" : Html.Encode(parts.ValidFor) + "<br>").Append("<a href=\"").Append(link).Append("\">").Append(link).Append("</a></p>\n");
        }

        return html.Append("<p class=\"small\">").Append(Html.Encode(parts.NotYou)).Append("</p>\n</main>\n<footer>").Append(Html.Encode(parts.Footer)).Append("</footer>\n</body>\n</html>\n").ToString();
    }

    // Of one line, whatever a browser or an operator has put into a name.
    private static string Line(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));

    private sealed record Parts(string Text, IReadOnlyList<(string Name, string Value)> Facts, string? Link, string? Button, string? ValidFor, string NotYou, string Footer);
}
