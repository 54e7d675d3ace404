using System.Text;
using IdServer.Configuration;
using Microsoft.Extensions.Configuration;

namespace IdServer.Tests.Configuration;

/// <summary>A configuration file that a test holds as text.</summary>
internal static class ConfigurationText
{
    public static ServerSettings Read(string json)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(json));
        return SettingsReader.Read(new ConfigurationBuilder().AddJsonStream(stream).Build());
    }
}
