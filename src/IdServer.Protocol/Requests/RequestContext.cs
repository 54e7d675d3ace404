using System.Net;

namespace IdServer.Protocol.Requests;

/// <summary>What the engine may know of an HTTP request beside its parameters.</summary>
/// <param name="Authorization">The <c>Authorization</c> header as it came, or null.</param>
/// <param name="RemoteAddress">Where the request came from, after trusted proxies; what failures are counted by.</param>
public sealed record RequestContext(string? Authorization, IPAddress? RemoteAddress);
