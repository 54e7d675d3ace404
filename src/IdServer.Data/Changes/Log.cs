using Microsoft.Extensions.Logging;

namespace IdServer.Data.Changes;

internal static partial class Log
{
    [LoggerMessage(1500, LogLevel.Warning, "Changes made by other processes cannot be read now; reading goes on when the database is back")]
    public static partial void PollFailed(ILogger logger, Exception exception);
}
