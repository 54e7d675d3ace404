using Microsoft.Extensions.Configuration.Json;

namespace IdServer.Configuration;

/// <summary>The files of the configuration that are not in the content root: <c>--config FILE</c>, which wins over appsettings*.json and over which environment variables win, and what ships with the program.</summary>
public static class ConfigurationFile
{
    /// <summary>Adds the file that the command line names, if it names one, and the appsettings.json beside the program, over which everything wins.</summary>
    /// <exception cref="ConfigurationFaultsException">The file is missing or is not JSON.</exception>
    public static void AddTo(IConfigurationManager configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration.Sources.Insert(0, Source(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true));
        if (configuration["config"] is not { } path)
        {
            return;
        }

        var file = Path.GetFullPath(path);
        if (!File.Exists(file))
        {
            throw new ConfigurationFaultsException([$"--config: the file {file} does not exist: write the path of a JSON file like appsettings.json."]);
        }

        var last = configuration.Sources.Select((s, i) => s is JsonConfigurationSource ? i + 1 : 0).DefaultIfEmpty(0).Max();
        try
        {
            configuration.Sources.Insert(last, Source(file, optional: false));
        }
        catch (InvalidDataException e)
        {
            throw new ConfigurationFaultsException([$"--config: {file} is not JSON: {e.InnerException?.Message ?? e.Message}"]);
        }
    }

    private static JsonConfigurationSource Source(string path, bool optional)
    {
        var source = new JsonConfigurationSource { Path = path, Optional = optional };
        source.ResolveFileProvider();
        return source;
    }
}
