using IdServer.Configuration;
using Microsoft.AspNetCore.Builder;
using Xunit;

namespace IdServer.Tests.Configuration;

public sealed class ConfigurationFileTests : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("idserver-config-");

    [Fact]
    public void The_file_wins_over_appsettings_and_the_environment_over_the_file()
    {
        File.WriteAllText(Path.Combine(directory.FullName, "appsettings.json"), """{ "A": "appsettings", "B": "appsettings" }""");
        var file = Write("""{ "B": "file", "PATH": "file" }""");
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = ["--config", file], ContentRootPath = directory.FullName });

        ConfigurationFile.AddTo(builder.Configuration);

        Assert.Equal(("appsettings", "file"), (builder.Configuration["A"], builder.Configuration["B"]));
        Assert.Equal(Environment.GetEnvironmentVariable("PATH"), builder.Configuration["PATH"]);
    }

    [Fact]
    public void What_ships_with_the_program_loses_against_everything()
    {
        File.WriteAllText(Path.Combine(directory.FullName, "appsettings.json"), """{ "Logging": { "LogLevel": { "Default": "Error" } } }""");
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = directory.FullName });

        ConfigurationFile.AddTo(builder.Configuration);

        Assert.Equal(("Error", "Warning"), (builder.Configuration["Logging:LogLevel:Default"], builder.Configuration["Logging:LogLevel:Microsoft"]));
    }

    [Fact]
    public void A_missing_file_is_a_fault()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { Args = ["--config", "/nowhere/idserver.json"] });
        builder.Configuration["config"] = "/nowhere/idserver.json";

        var faults = Assert.Throws<ConfigurationFaultsException>(() => ConfigurationFile.AddTo(builder.Configuration)).Faults;

        Assert.Equal(["--config: the file /nowhere/idserver.json does not exist: write the path of a JSON file like appsettings.json."], faults);
    }

    [Fact]
    public void A_file_that_is_not_JSON_is_a_fault()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Configuration["config"] = Write("""{ "IdServer": """);

        var fault = Assert.Single(Assert.Throws<ConfigurationFaultsException>(() => ConfigurationFile.AddTo(builder.Configuration)).Faults);

        Assert.StartsWith($"--config: {builder.Configuration["config"]} is not JSON: ", fault, StringComparison.Ordinal);
    }

    public void Dispose() => directory.Delete(recursive: true);

    private string Write(string json)
    {
        var file = Path.Combine(directory.FullName, "idserver.json");
        File.WriteAllText(file, json);
        return file;
    }
}
