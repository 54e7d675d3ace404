using System.Diagnostics.CodeAnalysis;
using IdServer.Protocol.Issuance;

namespace IdServer.Protocol.Authorize;

/// <summary>The name of a pushed request: the URN of RFC 9126 §2.2 with a <see cref="Handle"/> at its end.</summary>
public static class PushedRequestUri
{
    public const string Prefix = "urn:ietf:params:oauth:request_uri:";

    public static string Of(Handle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        return Prefix + handle.Value;
    }

    public static bool TryParse(string uri, [NotNullWhen(true)] out Handle? handle)
    {
        ArgumentNullException.ThrowIfNull(uri);
        handle = null;
        return uri.StartsWith(Prefix, StringComparison.Ordinal) && Handle.TryParse(uri[Prefix.Length..], out handle);
    }
}
