using System.Text.Json.Nodes;
using IdServer.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Commands;

public sealed class UserVerbsTests : VerbTests
{
    [Fact]
    public async Task A_user_is_added_with_the_password_from_standard_input_and_listed()
    {
        var added = await TypeAsync("users add ana --email ana@example.com --role admin --role editor --password-stdin", Build.Password);
        Assert.Equal((0, ""), (added.Code, added.Error));
        Assert.StartsWith("The account ana is there: sub ", added.Out, StringComparison.Ordinal);
        await TypeAsync("users add un-nombre-largo --email b@example.com --password-stdin", Build.Password);

        Assert.Equal(
            """
            USERNAME         EMAIL            NAME  ROLES         STATE
            ana              ana@example.com        admin editor  enabled
            un-nombre-largo  b@example.com          usuario       enabled

            """.ReplaceLineEndings("\n"),
            (await RunAsync("users list")).Out);
        var json = JsonNode.Parse((await RunAsync("users list --json")).Out)!.AsArray();
        Assert.Equal(("ana", "ana@example.com", false), ((string?)json[0]!["username"], (string?)json[0]!["email"], (bool)json[0]!["disabled"]!));
    }

    [Fact]
    public async Task Without_a_password_and_without_a_person_to_ask_nothing_is_made()
    {
        var result = await RunAsync("users add ana --email ana@example.com");

        Assert.Equal((2, "", "There is nobody to ask for a password: write --password-stdin and send it on standard input.\n"), result);
        Assert.DoesNotContain("ana", (await RunAsync("users list")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_user_is_refused_with_every_fault()
    {
        var result = await TypeAsync("users add ana --email ana --password-stdin", "short");

        Assert.Equal((1, ""), (result.Code, result.Out));
        Assert.Equal(
            ["email is \"ana\": write an address such as ana@example.com.", "password is shorter than 10 characters: write a longer one, for example several words."],
            result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_user_is_disabled_and_enabled()
    {
        await TypeAsync("users add ana --email ana@example.com --password-stdin", Build.Password);

        Assert.Equal(0, (await RunAsync("users disable ana@example.com")).Code);
        Assert.Contains("disabled", (await RunAsync("users list")).Out, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("users enable ana")).Code);
        Assert.DoesNotContain("disabled", (await RunAsync("users list")).Out, StringComparison.Ordinal);
        Assert.Equal((1, "", "username is \"nobody\", which no account has: write a user name or an e-mail address.\n"), await RunAsync("users disable nobody"));
    }
}
