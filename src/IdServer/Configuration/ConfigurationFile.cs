using Microsoft.Extensions.Configuration.Json;

namespace IdServer.Configuration;

/// <summary>The file of <c>--config FILE</c>: JSON of the shape of appsettings.json. It wins over appsettings*.json; environment variables win over it.</summary>
public static class ConfigurationFile
{
    /// <summary>Adds the file that the command line names, if it names one.</summary>
    /// <exception cref="ConfigurationFaultsException">The file is missing or is not JSON.</exception>
    public static void AddTo(IConfigurationManager configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        if (configuration["config"] is not { } path)
        {
            return;
        }

        var file = Path.GetFullPath(path);
        if (!File.Exists(file))
        {
            throw new ConfigurationFaultsException([$"--config: the file {file} does not exist: write the path of a JSON file like appsettings.json."]);
        }

        var source = new JsonConfigurationSource { Path = file, Optional = false };
        source.ResolveFileProvider();
        var last = configuration.Sources.Select((s, i) => s is JsonConfigurationSource ? i + 1 : 0).DefaultIfEmpty(0).Max();
        try
        {
            configuration.Sources.Insert(last, source);
        }
        catch (InvalidDataException e)
        {
            throw new ConfigurationFaultsException([$"--config: {file} is not JSON: {e.InnerException?.Message ?? e.Message}"]);
        }
    }
}
