using System.Globalization;

namespace IdServer.Data;

/// <summary>
/// The connection string of SQLite that nearly everybody has: a path, and perhaps how long to wait for a lock. It is read here, and its file opened, without the driver of
/// ADO.NET, which with what it loads is 4 MB of a server's memory and is otherwise needed by EF Core only. Every other connection string is the driver's.
/// </summary>
/// <param name="LockTimeout">In seconds; null when it does not say.</param>
public sealed record PlainConnectionString(string Path, int? LockTimeout)
{
    /// <returns>Null when there is more in it, or when a file of this name is something special to the driver or to SQLite.</returns>
    public static PlainConnectionString? Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Any(c => char.IsControl(c) || c is '"' or '\'' or '|'))
        {
            return null;
        }

        string? path = null;
        int? timeout = null;
        foreach (var part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            switch (part.Split('=', StringSplitOptions.TrimEntries))
            {
                case [var key, { Length: > 0 } value] when path is null && key.Equals("Data Source", StringComparison.OrdinalIgnoreCase):
                    path = value;
                    break;

                case [var key, var value] when timeout is null && key.Equals("Default Timeout", StringComparison.OrdinalIgnoreCase) && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds):
                    timeout = seconds;
                    break;

                default:
                    return null;
            }
        }

        return path is null || path.Contains(":memory:", StringComparison.Ordinal) || path.StartsWith("file:", StringComparison.OrdinalIgnoreCase) ? null : new(path, timeout);
    }
}
