using IdServer.Data;
using IdServer.Protocol.Options;

namespace IdServer.Configuration;

/// <summary>Reads section <c>IdServer</c> and says everything that is wrong with it at once.</summary>
public static class SettingsReader
{
    /// <exception cref="ConfigurationFaultsException">The configuration is wrong.</exception>
    public static ServerSettings Read(IConfiguration configuration)
    {
        var section = configuration.GetSection("IdServer");
        return new ServerSettings
        {
            Protocol = new ProtocolOptions { Issuer = section["Issuer"] ?? throw new ConfigurationFaultsException(["IdServer: Issuer is missing: write the address people reach this server at, such as \"https://id.example.com\"."]) },
            Database = new DatabaseSettings(section["Database:Provider"] ?? "Sqlite", section["Database:ConnectionString"] ?? "Data Source=idserver.db"),
        };
    }
}
