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

    [LoggerMessage(2003, LogLevel.Error, "The revocation feed {Endpoint} gave nothing to rely on: {Reason} Until it does, the issuer is asked about every token.")]
    public static partial void FeedFailed(ILogger logger, Uri endpoint, string reason);

    [LoggerMessage(2004, LogLevel.Information, "The revocation feed of {Issuer} answers again.")]
    public static partial void FeedRecovered(ILogger logger, string issuer);
}
