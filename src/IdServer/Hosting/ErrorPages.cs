using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using IdServer.Protocol.Errors;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;

namespace IdServer.Hosting;

/// <summary>
/// Hands an error that no redirect may carry (requirement 4) to the error page: sealed into its address, so that nobody can make the page say something else.
/// The reference a person reads there stands in the log beside the private reason.
/// </summary>
public sealed partial class ErrorPages(IDataProtectionProvider protection, TimeProvider time, ILogger<ErrorPages> log)
{
    public const string Path = "/error";

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    private readonly IDataProtector protector = protection.CreateProtector("IdServer.ErrorPage");

    /// <summary>A reference for log and reader: 10 characters that cannot be confused when read aloud.</summary>
    public static string NewReference() => RandomNumberGenerator.GetString("23456789abcdefghjkmnpqrstuvwxyz", 10);

    /// <summary>The address of the error page for this error; logs the error under a new reference.</summary>
    public string UrlOf(HttpContext context, OAuthError error)
    {
        ArgumentNullException.ThrowIfNull(error);
        var reference = NewReference();
        LogShown(error.Code, error.Description, error.Reason, reference);
        return UrlOf(context, error, reference);
    }

    /// <summary>The same for an error that has been logged under <paramref name="reference"/> already.</summary>
    public string UrlOf(HttpContext context, OAuthError error, string reference)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(error);
        var shown = new ShownError(error.Code, error.Status, error.Description, error.Cause, reference, (time.GetUtcNow() + Lifetime).ToUnixTimeSeconds());
        var payload = protector.Protect(JsonSerializer.SerializeToUtf8Bytes(shown, ShownErrorJson.Default.ShownError));
        return $"{context.Request.PathBase}{Path}?e={WebEncoders.Base64UrlEncode(payload)}";
    }

    /// <summary>What <see cref="UrlOf(HttpContext, OAuthError)"/> sealed; null when it is older than half an hour or not ours.</summary>
    public ShownError? Read(string? payload)
    {
        try
        {
            return payload is { Length: > 0 and < 8192 }
                && JsonSerializer.Deserialize(protector.Unprotect(WebEncoders.Base64UrlDecode(payload)), ShownErrorJson.Default.ShownError) is { } shown
                && time.GetUtcNow().ToUnixTimeSeconds() < shown.ExpiresAt ? shown : null;
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null;
        }
    }

    [LoggerMessage(1500, LogLevel.Information, "Error page: {Error}: {Description} ({Reason}), reference {Reference}")]
    private partial void LogShown(string error, string description, string? reason, string reference);
}

/// <summary>What the error page shows.</summary>
/// <param name="ExpiresAt">Unix seconds.</param>
public sealed record ShownError(string Code, int Status, string Description, ErrorCause Cause, string Reference, long ExpiresAt);

[JsonSerializable(typeof(ShownError))]
internal sealed partial class ShownErrorJson : JsonSerializerContext;
