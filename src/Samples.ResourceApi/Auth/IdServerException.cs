namespace Samples.ResourceApi.Auth;

/// <summary>The server cannot do what this API needs: it is down, overloaded, or this API is registered wrongly. Never the caller's fault.</summary>
public sealed class IdServerException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The server asks to slow down (429).</summary>
    public bool IsThrottled { get; init; }

    public TimeSpan? RetryAfter { get; init; }
}
