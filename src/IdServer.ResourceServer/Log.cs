using Microsoft.Extensions.Logging;

namespace IdServer.ResourceServer;

/// <summary>What an operator of the API must know. Never holds a token or a secret.</summary>
internal static partial class Log
{
    [LoggerMessage(2000, LogLevel.Warning, "The issuer {Issuer} could not be read: {Reason} Its old keys stay in use: {HasOldKeys}.")]
    public static partial void IssuerNotRead(ILogger logger, string issuer, string reason, bool hasOldKeys);

    [LoggerMessage(2001, LogLevel.Error, "The introspection endpoint {Endpoint} answered {Status}: check the client id and secret of this API, and that its client may introspect.")]
    public static partial void IntrospectionRefused(ILogger logger, Uri endpoint, int status);

    [LoggerMessage(2002, LogLevel.Warning, "The introspection endpoint {Endpoint} did not answer: {Reason}")]
    public static partial void IntrospectionFailed(ILogger logger, Uri endpoint, string reason);
}
