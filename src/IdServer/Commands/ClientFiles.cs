using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using IdServer.Configuration;
using IdServer.Protocol.Clients;
using IdServer.Tokens.Jose;

namespace IdServer.Commands;

/// <summary>What <c>clients add</c> is told in files, and about certificates.</summary>
internal static class ClientFiles
{
    // Through the reader of the configuration, which knows every way to write a member and says what it does not know.
    public static ClientMetadata ReadMetadata(FileInfo file, List<string> faults)
    {
        const string name = "client";
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes($$"""{ "{{name}}": {{File.ReadAllText(file.FullName)}} }"""));
        var section = new ConfigurationBuilder().AddJsonStream(stream).Build().GetSection(name);
        return new SectionReader(faults).Read(section, ClientMetadataJson.Default.ClientMetadata);
    }

    public static JsonElement? ReadKey(FileInfo file, List<string> faults)
    {
        if (Jwk.FromPem(File.ReadAllText(file.FullName)) is { } key)
        {
            return SetOf(key);
        }

        faults.Add($"jwks cannot be made of {file.Name}: write a public key in PEM, EC on P-256 or RSA of at least 2048 bits.");
        return null;
    }

    public static JsonElement? ReadCertificate(FileInfo file, List<string> faults)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(file.FullName));
            if (Jwk.FromCertificate(certificate) is { } key)
            {
                return SetOf(key);
            }
        }
        catch (CryptographicException)
        {
            // Not a certificate.
        }

        faults.Add($"jwks cannot be made of {file.Name}: write a certificate in PEM, of an EC key on P-256 or an RSA key of at least 2048 bits.");
        return null;
    }

    /// <summary>The client with the name of its certificate, written as <c>dns:app.example.com</c>.</summary>
    public static ClientMetadata Named(ClientMetadata client, string name, List<string> faults)
    {
        switch (name.Split(':', 2))
        {
            case ["dn", var subject]:
                return client with { TlsClientAuthSubjectDn = subject };
            case ["dns", var host]:
                return client with { TlsClientAuthSanDns = host };
            case ["uri", var uri]:
                return client with { TlsClientAuthSanUri = uri };
            case ["ip", var address]:
                return client with { TlsClientAuthSanIp = address };
            case ["email", var email]:
                return client with { TlsClientAuthSanEmail = email };
            default:
                faults.Add($"--certificate-name is \"{name}\": write dn:, dns:, uri:, ip: or email: and the name, such as \"dn:CN=my-app,O=Example\".");
                return client;
        }
    }

    private static JsonElement SetOf(Jwk key)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("keys");
            key.WriteTo(writer);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return JsonElement.Parse(stream.ToArray());
    }
}
