using System.Diagnostics.CodeAnalysis;

namespace IdServer.Protocol.Errors;

/// <summary>A value, or the protocol error that stands in its place. Made by returning either.</summary>
public readonly struct OAuthResult<T>
    where T : notnull
{
    private readonly T? value;
    private readonly OAuthError? error;

    private OAuthResult(T? value, OAuthError? error)
    {
        this.value = value;
        this.error = error;
    }

    public static implicit operator OAuthResult<T>(T value) => new(value, null);

    public static implicit operator OAuthResult<T>(OAuthError error) => new(default, error);

    public bool TryGet([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out OAuthError? error)
    {
        value = this.value;
        error = this.error;
        return error is null;
    }
}
