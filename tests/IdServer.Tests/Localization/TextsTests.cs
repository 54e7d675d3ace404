using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using IdServer.Localization;
using IdServer.Mail;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Events;
using IdServer.Protocol.Users;
using IdServer.Recovery;
using IdServer.Tokens.Registries;
using IdServer.Upstream;
using IdServer.Users;
using IdServer.Users.Passkeys;
using Xunit;

namespace IdServer.Tests.Localization;

public sealed partial class TextsTests
{
    private static readonly string Source = Path.Combine(Root(), "src", "IdServer");

    private static readonly string[] Folders = ["Pages", "Localization", "Mail"];

    [Fact]
    public void Both_languages_have_the_same_texts_and_none_is_empty()
    {
        var english = Read("Texts.resx");
        var spanish = Read("Texts.es.resx");

        Assert.Equal(english.Keys.Order(), spanish.Keys.Order());
        Assert.DoesNotContain(english.Concat(spanish), text => string.IsNullOrWhiteSpace(text.Value));
    }

    [Fact]
    public void Both_languages_fill_the_same_places()
    {
        var spanish = Read("Texts.es.resx");

        Assert.All(Read("Texts.resx"), text => Assert.Equal(Places(text.Value), Places(spanish[text.Key])));
    }

    [Fact]
    public void Every_text_is_used_and_every_used_text_exists()
    {
        var code = string.Concat(Folders.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Source, folder), "*.cs*", SearchOption.AllDirectories)).Select(File.ReadAllText));
        var literal = Literal().Matches(code).Select(m => m.Groups["key"].Value).Where(key => !key.Contains('{', StringComparison.Ordinal));

        Assert.Equal(literal.Concat(Composed()).Distinct().Order(), Read("Texts.resx").Keys.Order());
    }

    [Fact]
    public void An_unknown_text_is_a_bug() => Assert.Throws<KeyNotFoundException>(() => new Texts()["No.Such.Text"]);

    [Theory]
    [InlineData("en", 1, "10 seconds")]
    [InlineData("en", 41, "50 seconds")]
    [InlineData("en", 55, "one minute")]
    [InlineData("es", 61, "2 minutos")]
    [InlineData("es", 3599, "una hora")]
    [InlineData("en", 3601, "2 hours")]
    public void A_wait_is_told_in_words_and_rounded_up(string language, int seconds, string expected)
    {
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(language);

        Assert.Equal(expected, new Texts().Duration(TimeSpan.FromSeconds(seconds)));
    }

    // Keys that the code composes from names, which must have words in both languages.
    private static IEnumerable<string> Composed()
    {
        foreach (var cause in Enum.GetNames<ErrorCause>())
        {
            yield return $"Error.Advice.{cause}";
            if (cause != nameof(ErrorCause.Other))
            {
                yield return $"Error.{cause}";
            }
        }

        foreach (var fault in Enum.GetNames<UpstreamFault>())
        {
            yield return $"Upstream.Fault.{fault}";
        }

        foreach (var fault in Enum.GetValues<PasskeyFault>().Where(f => f != PasskeyFault.Wait))
        {
            yield return $"Manage.Passkeys.Fault.{fault}";
        }

        foreach (var kind in Enum.GetValues<MailKind>())
        {
            yield return $"Mail.{kind}.Subject";
            yield return $"Mail.{kind}.Text";
            yield return $"Mail.{kind}.NotYou";
            if (kind is MailKind.VerifyAddress or MailKind.AlreadyRegistered or MailKind.ResetPassword or MailKind.ChangeAddress or MailKind.LinkLogin)
            {
                yield return $"Mail.{kind}.Button";
            }
        }

        foreach (var change in Enum.GetNames<SecondFactorChange>().Select(c => $"SecondFactor.{c}").Concat(Enum.GetNames<PasskeyChange>().Select(c => $"Passkey.{c}")))
        {
            yield return $"Mail.{change}";
        }

        foreach (var fact in new[] { "Device", "NewAddress", "Place", "Provider" })
        {
            yield return $"Mail.Fact.{fact}";
        }

        foreach (var scope in new[] { ScopeNames.OpenId, ScopeNames.Profile, ScopeNames.Email, ScopeNames.Address, ScopeNames.Phone, ScopeNames.OfflineAccess })
        {
            yield return $"Scope.{scope}";
            yield return $"Scope.{scope}.Detail";
        }

        yield return $"Error.{ErrorCodes.ServerError}";
        yield return $"Error.{ErrorCodes.TemporarilyUnavailable}";
        yield return $"Error.{ErrorCodes.InvalidRequestObject}";
        yield return $"Error.{ErrorCodes.InvalidRequestUri}";

        foreach (var fault in new[] { "username.Malformed", "username.TooLong", "username.Taken", "email.Missing", "email.Malformed", "email.Taken", "name.TooLong" })
        {
            yield return $"Register.Fault.{fault}";
        }

        foreach (var kind in Enum.GetNames<ReviewedKind>())
        {
            yield return $"Review.Kind.{kind}";
            yield return $"Review.Since.{kind}";
            yield return $"Review.Nameless.{kind}";
        }

        foreach (var weakness in Enum.GetNames<PasswordWeakness>())
        {
            yield return $"Password.Weakness.{weakness}";
        }

        foreach (var claim in StandardClaims.All)
        {
            yield return $"Claim.{claim}";
        }

        // What people are told of their own account: everything about people, and what of the rest has one.
        foreach (var kind in Enum.GetValues<EventKind>().Where(kind => kind is EventKind.ConsentGiven or EventKind.ConsentDenied or EventKind.CodeReuseDetected or EventKind.RefreshTokenReuseDetected
            or EventKind.DeviceCodeReuseDetected or EventKind.TokenRevoked or EventKind.SessionEnded or (>= EventKind.SignedIn and < EventKind.SigningKeyAdded and not EventKind.UserCodeWrong and not EventKind.UserDeleted)))
        {
            yield return $"Activity.Event.{kind}";
        }

        foreach (var member in new[] { "profile", "picture", "website", "birthdate", "zoneinfo", "locale", "phone_number" })
        {
            yield return $"Profile.Fault.{member}";
        }

        foreach (var member in new[] { "street_address", "postal_code", "locality", "region", "country", "formatted" })
        {
            yield return $"Profile.Label.{member}";
        }
    }

    private static Dictionary<string, string> Read(string file) => XDocument.Load(Path.Combine(Source, "Resources", file)).Root!.Elements("data")
        .ToDictionary(e => e.Attribute("name")!.Value, e => e.Element("value")!.Value, StringComparer.Ordinal);

    private static string[] Places(string text) => [.. Place().Matches(text).Select(m => m.Value).Order()];

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "IdServer.sln")))
        {
            directory = directory.Parent ?? throw new InvalidOperationException("The tests run outside the repository.");
        }

        return directory.FullName;
    }

    [GeneratedRegex("""
        "(?<key>(?!IdServer|Model)[A-Z][A-Za-z]+\.[A-Z][A-Za-z0-9.]+)"
        """, RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Literal();

    [GeneratedRegex(@"\{\d\}", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Place();
}
