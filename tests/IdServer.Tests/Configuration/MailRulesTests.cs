using IdServer.Configuration;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace IdServer.Tests.Configuration;

/// <summary>What section <c>IdServer:Mail</c> must be, each fault in a sentence of its own.</summary>
public sealed class MailRulesTests
{
    private const string Password = "hunter2-of-the-mail-server";

    [Fact]
    public void Without_the_section_there_is_no_mail_server() => Assert.Null(Read().Mail);

    [Fact]
    public void Host_and_From_are_enough()
    {
        var mail = Read(("Host", "smtp.example.com"), ("From", "no-reply@example.com")).Mail!;

        Assert.Equal(("smtp.example.com", 587, true, "no-reply@example.com", "IdServer"), (mail.Host, mail.Port, mail.StartTls, mail.From, mail.FromName));
        Assert.Equal((null, null), (mail.Username, mail.Password));
    }

    [Theory]
    [InlineData("localhost", null, false)]
    [InlineData("127.0.0.1", null, false)]
    [InlineData("::1", null, false)]
    [InlineData("localhost", "true", true)]
    [InlineData("192.0.2.1", null, true)]
    [InlineData("smtp.example.com", null, true)]
    [InlineData("smtp.example.com", "false", false)]
    public void TLS_is_demanded_everywhere_but_on_this_machine_unless_something_else_is_said(string host, string? written, bool startTls) =>
        Assert.Equal(startTls, Read(("Host", host), ("From", "no-reply@example.com"), ("StartTls", written)).Mail!.StartTls);

    [Theory]
    [InlineData("Host is missing", "Host", null)]
    [InlineData("Host is missing", "Host", "")]
    [InlineData("Host is \"smtp.example.com:587\": write a host name", "Host", "smtp.example.com:587")]
    [InlineData("Host is \"smtp://smtp.example.com\": write a host name", "Host", "smtp://smtp.example.com")]
    [InlineData("Port is 465, where TLS begins before the first word", "Port", "465")]
    [InlineData("Port is 0: write a number from 1 to 65535", "Port", "0")]
    [InlineData("Port is 65536: write a number from 1 to 65535", "Port", "65536")]
    [InlineData("From is missing", "From", null)]
    [InlineData("From is \"nobody\"", "From", "nobody")]
    [InlineData("From is \"Example <no-reply@example.com>\"", "From", "Example <no-reply@example.com>")]
    [InlineData("FromName is empty, longer than 100 characters or holds a control character", "FromName", "")]
    [InlineData("FromName is empty, longer than 100 characters or holds a control character", "FromName", "Example\r\nBcc: eve@example.com")]
    [InlineData("Username is missing beside Password", "Password", Password)]
    [InlineData("Password is missing beside Username", "Username", "idserver")]
    public void A_fault_is_said(string sentence, string member, string? value)
    {
        var fault = Fault([("Host", "smtp.example.com"), ("From", "no-reply@example.com"), (member, value)]);

        Assert.StartsWith("IdServer:Mail: " + sentence, fault, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_password_does_not_cross_the_network_without_TLS()
    {
        (string, string?)[] account = [("From", "no-reply@example.com"), ("StartTls", "false"), ("Username", "idserver"), ("Password", Password)];

        Assert.Equal("IdServer:Mail: StartTls is false, but there is a password, which would cross the network in the clear: leave StartTls out.", Fault([("Host", "smtp.example.com"), .. account]));
        Assert.Equal(Password, Read([("Host", "localhost"), .. account]).Mail!.Password); // which stays on this machine
    }

    [Fact]
    public void A_name_of_a_hundred_and_one_characters_is_too_long_and_several_faults_are_said_at_once()
    {
        var faults = Assert.Throws<ConfigurationFaultsException>(() => Read(("FromName", new string('a', 101)), ("Port", "-1"))).Faults;

        Assert.Equal(["Host is missing", "Port is -1", "From is missing", "FromName is empty"], faults.Select(f => string.Join(' ', f["IdServer:Mail: ".Length..].Split(' ', ':', ',')[..3])).Select(f => f.TrimEnd()));
    }

    private static string Fault(IEnumerable<(string Member, string? Value)> section) => Assert.Single(Assert.Throws<ConfigurationFaultsException>(() => Read([.. section])).Faults);

    // Of a member that is written twice the last one counts; null takes it away.
    private static ServerSettings Read(params (string Member, string? Value)[] section) => SettingsReader.Read(new ConfigurationBuilder()
        .AddInMemoryCollection(section.GroupBy(s => s.Member).Select(s => s.Last()).Where(s => s.Value is not null).Select(s => KeyValuePair.Create("IdServer:Mail:" + s.Member, s.Value))
            .Append(KeyValuePair.Create("IdServer:Issuer", (string?)"https://id.example")))
        .Build());
}
