using System.Net;
using System.Net.Sockets;

namespace IdServer.Users;

/// <summary>What a source address is counted as: an IPv4 address itself, an IPv6 address by its /64, since one customer can use all of that (RFC 6177 §2).</summary>
public static class SourceNetwork
{
    /// <param name="source">Null counts as one source.</param>
    public static IPAddress Of(IPAddress? source)
    {
        if (source is not { AddressFamily: AddressFamily.InterNetworkV6 })
        {
            return source ?? IPAddress.None;
        }

        if (source.IsIPv4MappedToIPv6)
        {
            return source.MapToIPv4();
        }

        Span<byte> bytes = stackalloc byte[16];
        source.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes);
    }
}
