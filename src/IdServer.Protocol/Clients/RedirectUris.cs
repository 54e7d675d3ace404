using System.Globalization;

namespace IdServer.Protocol.Clients;

/// <summary>Exact comparison of redirect URIs (RFC 9700 §2.1, requirement 5): the raw strings, no normalising, no prefix.</summary>
public static class RedirectUris
{
    public static bool IsRegistered(Client client, string requested)
    {
        ArgumentNullException.ThrowIfNull(client);
        foreach (var registered in client.RedirectUris)
        {
            if (registered == requested || (client.IsNative && DifferOnlyInLoopbackPort(registered, requested)))
            {
                return true;
            }
        }

        return false;
    }

    // RFC 8252 §7.3: the port of a loopback address is chosen by the operating system at the time of the request. Only literal addresses, not "localhost".
    private static bool DifferOnlyInLoopbackPort(string registered, string requested)
    {
        foreach (var origin in (ReadOnlySpan<string>)["http://127.0.0.1", "http://[::1]"])
        {
            if (AfterPort(registered, origin) is { } wanted && AfterPort(requested, origin) is { } given && wanted == given)
            {
                return true;
            }
        }

        return false;
    }

    // What follows the port, or null when the URI is not this loopback origin with at most a plain decimal port.
    private static string? AfterPort(string uri, string origin)
    {
        if (!uri.StartsWith(origin, StringComparison.Ordinal))
        {
            return null;
        }

        var rest = uri.AsSpan(origin.Length);
        if (!rest.IsEmpty && rest[0] == ':')
        {
            var digits = 1;
            while (digits < rest.Length && char.IsAsciiDigit(rest[digits]))
            {
                digits++;
            }

            if (!ushort.TryParse(rest[1..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
            {
                return null;
            }

            rest = rest[digits..];
        }

        return rest.IsEmpty || rest[0] is '/' or '?' ? rest.ToString() : null;
    }
}
