using System.Net;
using System.Text.Json.Nodes;
using IdServer.Commands;
using IdServer.Hosting;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Keys;
using IdServer.Protocol.Stores;
using IdServer.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Commands;

public sealed class CommandLineTests : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("idserver-verbs-");
    private readonly string config;

    public CommandLineTests() => config = Write("idserver.json", Settings());

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Database => Path.Combine(directory.FullName, "data", "idserver.db");

    [Fact]
    public async Task Migrate_makes_the_database_from_nothing_and_can_be_repeated()
    {
        Assert.Equal(0, (await RunAsync("migrate")).Code);
        Assert.True(File.Exists(Database));

        Assert.Equal((0, "The database is up to date.\n", ""), await RunAsync("migrate"));
    }

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

    [Fact]
    public async Task What_verbs_have_done_is_in_the_audit_trail_and_can_be_filtered()
    {
        await TypeAsync("users add ana --email ana@example.com --password-stdin", Build.Password);
        await RunAsync("users disable ana");
        await RunAsync("clients add batch --grant-type client_credentials");
        await RunAsync("clients remove batch");

        Assert.Equal(["ClientRemoved", "ClientAdded", "UserDisabled", "UserRegistered"], KindsIn((await RunAsync("audit")).Out));
        Assert.Equal(["ClientRemoved", "ClientAdded"], KindsIn((await RunAsync("audit --client batch")).Out));
        Assert.Equal(["UserDisabled"], KindsIn((await RunAsync("audit --kind userdisabled --since 2026-01-01")).Out));
        Assert.Equal(["ClientRemoved"], KindsIn((await RunAsync("audit --limit 1")).Out));
        Assert.Empty(KindsIn((await RunAsync("audit --since 2200-01-01T00:00:00Z")).Out));
        var json = JsonNode.Parse((await RunAsync("audit --json --kind UserRegistered")).Out)![0]!;
        Assert.Equal((1302, "UserRegistered"), ((int)json["number"]!, (string?)json["kind"]));
        Assert.Equal(["UserDisabled", "UserRegistered"], KindsIn((await RunAsync($"audit --subject {json["sub"]}")).Out));

        static string[] KindsIn(string table) => [.. table.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split("  ")[1])];
    }

    [Theory]
    [InlineData("audit --kind SignInFaild", "--kind is \"SignInFaild\": did you mean SignInFailed?")]
    [InlineData("audit --kind 1300", "--kind is \"1300\": ")]
    [InlineData("audit --since yesterday", "--since is \"yesterday\": write a date such as 2026-11-21")]
    [InlineData("audit --limit 0", "--limit is not a number from 1 to 100000.")]
    public async Task A_wrong_filter_of_the_audit_trail_is_not_understood(string line, string sentence)
    {
        var result = await RunAsync(line);

        Assert.Equal((2, ""), (result.Code, result.Out));
        Assert.StartsWith(sentence, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_gets_a_secret_that_is_shown_once_and_stored_as_a_digest()
    {
        var added = await RunAsync("clients add my-app --redirect-uri https://app.example/callback --redirect-uri https://app.example/other --scope", "openid api", "--grant-type", "authorization_code", "--grant-type", "refresh_token", "--name", "My app");

        Assert.Equal(0, added.Code);
        var secret = added.Out.Split("client_secret: ")[1].Trim();
        Assert.Equal(64, secret.Length);
        var client = await FindAsync("my-app");
        Assert.True(Assert.Single(client!.Secrets).Matches(ClientSecret.DigestOf(secret), TimeProvider.System.GetUtcNow()));
        Assert.Equal(("My app", 2, true), (client.Name, client.RedirectUris.Count, client.GrantTypes.Contains("refresh_token")));
        var (_, table, _) = await RunAsync("clients list");
        var (_, json, _) = await RunAsync("clients list --json");
        Assert.Contains("my-app     My app  client_secret_basic  authorization_code refresh_token  openid api", table, StringComparison.Ordinal);
        Assert.Equal("https://app.example/callback", (string?)JsonNode.Parse(json)![0]!["redirect_uris"]![0]);
        Assert.DoesNotContain("secret\"", json, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_public_client_has_no_secret()
    {
        var added = await RunAsync("clients add spa --public --redirect-uri http://localhost:1/ --json");

        Assert.Equal((0, ""), (added.Code, added.Error));
        Assert.Equal(("none", null), ((string?)JsonNode.Parse(added.Out)!["token_endpoint_auth_method"], (string?)JsonNode.Parse(added.Out)!["client_secret"]));
        Assert.True((await FindAsync("spa"))!.IsPublic);
    }

    [Fact]
    public async Task A_client_can_be_read_from_a_file_and_options_win_over_it()
    {
        var file = Write("client.json", """{ "client_id": "batch", "client_name": "From the file", "grant_types": [ "client_credentials" ], "scope": [ "api" ], "access_token_lifetime": 60 }""");

        Assert.Equal(0, (await RunAsync("clients add --name", "From the option", "--file", file)).Code);

        var client = await FindAsync("batch");
        Assert.Equal(("From the option", "api", 60), (client!.Name, client.Metadata.Scope, client.Metadata.AccessTokenLifetime));
    }

    [Fact]
    public async Task A_bad_client_is_refused_with_every_fault_and_not_registered()
    {
        var file = Write("client.json", """{ "client_id": "batch", "grant_typs": [ "client_credentials" ], "redirect_uris": [ "http://app.example/" ], "scope": "nothing" }""");

        var result = await RunAsync("clients add", "--file", file);

        Assert.Equal(1, result.Code);
        Assert.Contains("grant_typs is not known here: did you mean grant_types?", result.Error, StringComparison.Ordinal);
        Assert.Contains("redirect_uris holds \"http://app.example/\"", result.Error, StringComparison.Ordinal);
        Assert.Contains("scope holds \"nothing\"", result.Error, StringComparison.Ordinal);
        Assert.Null(await FindAsync("batch"));
    }

    [Fact]
    public async Task A_client_that_is_registered_is_not_replaced()
    {
        await RunAsync("clients add spa --public --redirect-uri http://localhost:1/");

        var result = await RunAsync("clients add spa --public --redirect-uri http://localhost:2/");

        Assert.Equal((1, "client_id is \"spa\", which is registered: write another one, or remove that client first.\n"), (result.Code, result.Error));
        Assert.Equal("http://localhost:1/", Assert.Single((await FindAsync("spa"))!.RedirectUris));
    }

    [Fact]
    public async Task A_client_is_removed()
    {
        await RunAsync("clients add spa --public --redirect-uri http://localhost:1/");

        Assert.Equal((0, "The client spa is removed, and its grants have ended.\n", ""), await RunAsync("clients remove spa"));

        Assert.Null(await FindAsync("spa"));
        Assert.Equal((1, "", "client_id is \"spa\", which is not registered: see \"clients list\".\n"), await RunAsync("clients remove spa"));
    }

    [Fact]
    public async Task Keys_are_made_rotated_and_listed()
    {
        Assert.Contains("signs from now on", (await RunAsync("keys rotate")).Out, StringComparison.Ordinal);
        var rotated = await RunAsync("keys rotate");
        Assert.Equal(0, rotated.Code);
        Assert.All(rotated.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.EndsWith(", 24 hours from now.", line, StringComparison.Ordinal));
        Assert.Contains("signs from now on", (await RunAsync("keys rotate --now")).Out, StringComparison.Ordinal);

        await Task.Delay(KeyRing.Spread, Ct); // so much later the new ones sign; the verbs run on the real clock
        Assert.Equal(["active", "active", "retiring", "retiring", "upcoming", "upcoming"], await KeyStatesAsync());
        Assert.Equal(7, (await RunAsync("keys list")).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    private async Task<IEnumerable<string>> KeyStatesAsync() =>
        JsonNode.Parse((await RunAsync("keys list --json")).Out)!.AsArray().Select(k => (string)k!["state"]!).Order();

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("migrate --help")]
    [InlineData("users --help")]
    [InlineData("users add --help")]
    [InlineData("users list --help")]
    [InlineData("users disable --help")]
    [InlineData("users enable --help")]
    [InlineData("users remove-second-factor --help")]
    [InlineData("clients --help")]
    [InlineData("clients add --help")]
    [InlineData("clients list --help")]
    [InlineData("clients remove --help")]
    [InlineData("keys --help")]
    [InlineData("keys list --help")]
    [InlineData("keys rotate --help")]
    [InlineData("generate --help")]
    public async Task Help_explains_with_examples(string line)
    {
        var result = await RunAsync(line);

        Assert.Equal((0, ""), (result.Code, result.Error));
        Assert.Contains("Usage:", result.Out, StringComparison.Ordinal);
        Assert.Contains("Examples:\n  IdServer ", result.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("user list", "'user'")]
    [InlineData("users", "Required command")]
    [InlineData("users remove ana", "'remove'")]
    [InlineData("users add ana", "'--email'")]
    [InlineData("clients add app --redirect https://a.example", "'--redirect'")]
    [InlineData("clients remove", "Required argument")]
    [InlineData("keys rotate --later", "'--later'")]
    [InlineData("generate --users -1", "--users is less than 0")]
    public async Task What_is_not_understood_is_2_and_says_where_help_is(string line, string part)
    {
        var result = await RunAsync(line);

        Assert.Equal((2, ""), (result.Code, result.Out));
        Assert.Contains(part, result.Error, StringComparison.Ordinal);
        Assert.Contains("--help\".\n", result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Database));
    }

    [Theory]
    [InlineData("users list")]
    [InlineData("")]
    public async Task A_wrong_configuration_is_one_sentence_per_fault_whatever_the_verb(string line)
    {
        File.WriteAllText(config, """{ "IdServer": { "Isuer": "x" } }""");

        var result = await RunAsync(line);

        Assert.Equal((1, ""), (result.Code, result.Out));
        Assert.Equal(
            ["IdServer: Isuer is not known here: did you mean Issuer?", "IdServer: Issuer is missing: write the address this server is reached at, such as \"https://id.example.com\"."],
            result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_database_that_cannot_be_made_is_one_line()
    {
        File.WriteAllText(Path.Combine(directory.FullName, "data"), "a file where the directory should be");

        var result = await RunAsync("migrate");

        Assert.Equal(1, result.Code);
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_verb_it_serves_until_it_is_stopped()
    {
        var address = $"http://127.0.0.1:{RunningServer.FreePort()}";
        File.WriteAllText(config, Settings(address));
        using var stop = new CancellationTokenSource();
        var (output, error) = (new StringWriter(), new StringWriter());

        var serving = CommandLine.RunAsync(["--config", config, "--urls", address, "--environment", "Testing"], new Terminal(TextReader.Null, output, error, IsInteractive: false), stop.Token);

        using var http = new HttpClient();
        var status = HttpStatusCode.ServiceUnavailable;
        for (var attempt = 0; attempt < 300 && status != HttpStatusCode.OK && !serving.IsCompleted; attempt++)
        {
            try
            {
                using var response = await http.GetAsync(new Uri(address + "/health"), Ct);
                status = response.StatusCode;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(100, Ct); // it is starting: nothing else tells
            }
        }

        Assert.Equal(HttpStatusCode.OK, status);
        await stop.CancelAsync();
        Assert.Equal(0, await serving);
        Assert.Equal("", error.ToString());
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        directory.Delete(recursive: true);
    }

    private string Settings(string issuer = "http://localhost:5100") =>
        $$"""
        {
          "IdServer": {
            "Issuer": "{{issuer}}",
            "Database": { "ConnectionString": "Data Source={{Database}}" },
            "Keys": { "Directory": "{{Path.Combine(directory.FullName, "keys")}}" },
            "Passwords": { "Iterations": 100000 },
            "Resources": [ { "identifier": "https://api.example", "scopes": [ "api" ] } ]
          }
        }
        """;

    private string Write(string name, string text)
    {
        var file = Path.Combine(directory.FullName, name);
        File.WriteAllText(file, text);
        return file;
    }

    private Task<(int Code, string Out, string Error)> RunAsync(string line, params string[] more) => RunAsync([.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries), .. more], input: "");

    private Task<(int Code, string Out, string Error)> TypeAsync(string line, string input) => RunAsync(line.Split(' '), input);

    private async Task<(int Code, string Out, string Error)> RunAsync(string[] words, string input)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var code = await CommandLine.RunAsync([.. words, "--config", config], new Terminal(new StringReader(input), output, error, IsInteractive: false), Ct);
        return (code, output.ToString().ReplaceLineEndings("\n"), error.ToString().ReplaceLineEndings("\n"));
    }

    private async Task<Client?> FindAsync(string clientId)
    {
        await using var app = ServerHost.Build(["--config", config]);
        return await app.Services.GetRequiredService<IClientStore>().FindAsync(clientId, Ct);
    }
}
