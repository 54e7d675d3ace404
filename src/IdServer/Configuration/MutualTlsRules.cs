using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using IdServer.Protocol.Options;

namespace IdServer.Configuration;

/// <summary>What section <c>IdServer:MutualTls</c> must satisfy, and what it makes.</summary>
internal static class MutualTlsRules
{
    private const string Section = "IdServer:MutualTls";

    /// <returns>Null when the section is not there, or is wrong.</returns>
    public static MutualTlsOptions? Read(DeclaredServer server, List<string> faults)
    {
        if (server.MutualTls is not { } declared)
        {
            return null;
        }

        var before = faults.Count;
        if (!Uri.TryCreate(declared.Address, UriKind.Absolute, out var address) || address is not { Scheme: "https", UserInfo.Length: 0, Query.Length: 0, Fragment.Length: 0 } || declared.Address.EndsWith('/'))
        {
            faults.Add($"{Section}: Address is {(declared.Address is { } text ? $"\"{text}\"" : "missing")}: write the https address at which clients present certificates, such as \"https://mtls.id.example.com\", with the issuer's path and without a slash at its end; the issuer itself if certificates are asked for there.");
        }

        if (declared.CertificateHeader is { } header && (header.Length == 0 || !header.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')))
        {
            faults.Add($"{Section}: CertificateHeader is \"{header}\": write the name of a header such as \"Client-Cert\".");
        }

        if (declared.CertificateHeader is not null && (declared.CertificateProxies ?? server.Proxies) is not { Count: > 0 })
        {
            faults.Add($"{Section}: CertificateHeader is set, but no proxy is believed: write the addresses of the proxies in CertificateProxies.");
        }

        foreach (var proxy in (declared.CertificateProxies ?? []).Where(p => !ServerRules.TryParseNetwork(p, out _)))
        {
            faults.Add($"{Section}: CertificateProxies holds \"{proxy}\": write an IP address, or a network such as 10.0.0.0/8.");
        }

        List<X509Certificate2> authorities = [.. (declared.Authorities ?? []).SelectMany(file => ReadFile(file, faults))];
        if (faults.Count == before && declared.Authorities is { Count: > 0 } && !authorities.Any(IsRoot))
        {
            faults.Add($"{Section}: Authorities holds no root: write the file of the self-signed certificate that the others come from too.");
        }

        return faults.Count == before ? new MutualTlsOptions { Address = declared.Address!, Authorities = authorities } : null;
    }

    private static X509Certificate2[] ReadFile(string file, List<string> faults)
    {
        try
        {
            var found = new X509Certificate2Collection();
            found.ImportFromPemFile(file);
            if (found.Count == 0)
            {
                faults.Add($"{Section}: Authorities holds \"{file}\", in which there is no certificate: write a file of certificates in PEM.");
            }
            else if (found.FirstOrDefault(c => c.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault() is not { CertificateAuthority: true }) is { } other)
            {
                faults.Add($"{Section}: Authorities holds \"{file}\", whose certificate of {other.Subject} is not that of an authority: write those of the authorities only.");
            }

            return [.. found];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            faults.Add($"{Section}: Authorities holds \"{file}\", which cannot be read ({e.Message}): write a file of certificates in PEM.");
            return [];
        }
    }

    private static bool IsRoot(X509Certificate2 certificate) => certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);
}
