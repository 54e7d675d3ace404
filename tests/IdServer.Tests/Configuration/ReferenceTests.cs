using System.Globalization;
using System.Text.RegularExpressions;
using IdServer.Configuration;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace IdServer.Tests.Configuration;

/// <summary><c>docs/configuration.md</c> says what the reader knows, no less and no more.</summary>
public sealed partial class ReferenceTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Clone.Root, "docs", "configuration.md"));

    [Fact]
    public void Every_member_is_described_and_no_other()
    {
        var described = Row().Matches(Text).SelectMany(row => Name().Matches(row.Groups["names"].Value)).Select(name => name.Groups["name"].Value)
            .Concat(["es", "en", "formatted", "street_address", "locality", "region", "postal_code", "country"]) // in the rows of the objects they are members of
            .ToHashSet(StringComparer.Ordinal);

        Assert.Equal(SettingsReader.MemberNames.Distinct().Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
        Assert.All(SettingsReader.MemberNames, name => Assert.Contains($"`{name}`", Text, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_example_is_a_configuration_that_starts()
    {
        var examples = Example().Matches(Text).Select(m => m.Groups["json"].Value).ToArray();

        Assert.NotEmpty(examples);
        Assert.All(examples, example => ConfigurationText.Read(example));
    }

    [Fact]
    public void The_numbers_are_the_defaults()
    {
        var settings = ConfigurationText.Read("""{ "IdServer": { "Issuer": "https://id.example" } }""");

        Assert.Equal(
            new Dictionary<string, double>
            {
                ["Rotation"] = settings.Protocol.SigningKeyRotation.TotalSeconds,
                ["Announcement"] = settings.Protocol.SigningKeyAnnouncement.TotalSeconds,
                ["PushedRequestLifetime"] = settings.Protocol.PushedRequestLifetime.TotalSeconds,
                ["AccessTokenLifetime"] = settings.Protocol.AccessTokenLifetime.TotalSeconds,
                ["IdTokenLifetime"] = settings.Protocol.IdTokenLifetime.TotalSeconds,
                ["RefreshTokenLifetime"] = settings.Protocol.RefreshTokenLifetime.TotalSeconds,
                ["RefreshTokenOverlap"] = settings.Protocol.RefreshTokenOverlap.TotalSeconds,
                ["AuthorizationCodeLifetime"] = settings.Protocol.AuthorizationCodeLifetime.TotalSeconds,
                ["DeviceCodeLifetime"] = settings.Protocol.DeviceCodeLifetime.TotalSeconds,
                ["DevicePollInterval"] = settings.Protocol.DevicePollInterval.TotalSeconds,
                ["InteractionLifetime"] = settings.Protocol.InteractionLifetime.TotalSeconds,
                ["SessionLifetime"] = settings.Protocol.SessionLifetime.TotalSeconds,
                ["ClientAssertionLifetime"] = settings.Protocol.ClientAssertionLifetime.TotalSeconds,
                ["Iterations"] = settings.Passwords.Iterations,
                ["TokenFailuresPerMinute"] = settings.RateLimits.TokenFailuresPerMinute,
                ["SignInFailuresPerAccount"] = settings.RateLimits.SignInFailuresPerAccount,
                ["SignInFailuresPerSource"] = settings.RateLimits.SignInFailuresPerSource,
                ["CodeFailuresPerAccount"] = settings.RateLimits.CodeFailuresPerAccount,
                ["UserCodeFailuresPerSource"] = settings.RateLimits.UserCodeFailuresPerSource,
                ["DeviceCodesPerMinute"] = settings.RateLimits.DeviceCodesPerMinute,
                ["RegistrationsPerHour"] = settings.RateLimits.RegistrationsPerHour,
                ["RecoveriesPerHour"] = settings.RateLimits.RecoveriesPerHour,
                ["ClientRegistrationsPerHour"] = settings.RateLimits.ClientRegistrationsPerHour,
                ["Port"] = new MailSettings("", "", "").Port,
                ["DeletionDelay"] = settings.Accounts.DeletionDelay.Days,
                ["Days"] = settings.Audit.Days,
                ["FailuresPerMinute"] = settings.Audit.FailuresPerMinute,
            },
            NumberRow().Matches(Text).ToDictionary(row => row.Groups["name"].Value, row => double.Parse(row.Groups["number"].Value, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void The_development_settings_are_a_configuration_that_starts()
    {
        var settings = ConfigurationText.Read(File.ReadAllText(Path.Combine(Clone.Root, "appsettings.Development.json")));

        Assert.Equal("http://localhost:5100", settings.Protocol.Issuer);
        Assert.Equal(["admin", "editor", "usuario"], settings.Users.Select(u => Assert.Single(u.Roles!)));
    }

    [GeneratedRegex(@"^\| (?<names>`[^|]*) \|", RegexOptions.Multiline, 1000)]
    private static partial Regex Row();

    [GeneratedRegex("`(?<name>[A-Za-z_]+)`", RegexOptions.None, 1000)]
    private static partial Regex Name();

    [GeneratedRegex(@"^\| `(?<name>\w+)` \| (?<number>\d+)", RegexOptions.Multiline, 1000)]
    private static partial Regex NumberRow();

    [GeneratedRegex("```json\n(?<json>.*?)```", RegexOptions.Singleline, 1000)]
    private static partial Regex Example();
}
