using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using IdServer.Protocol.Issuance;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;

namespace IdServer.Sessions;

/// <summary>
/// Somebody who has proved one factor and owes the second: sealed in a cookie for 10 minutes, good in the browser that brought it, and no longer than what was proved
/// (a changed password or a disabled account ends it). It signs nobody in.
/// </summary>
public sealed class PendingSignIn(IDataProtectionProvider protection, CookieNames names, BrowserCookie browsers, RevokedSet revoked, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private readonly IDataProtector protector = protection.CreateProtector("IdServer.PendingSignIn");

    public void Remember(HttpContext context, string subject, IReadOnlyList<string> amr)
    {
        ArgumentNullException.ThrowIfNull(context);
        var now = time.GetUtcNow();
        var text = JsonSerializer.SerializeToUtf8Bytes(new SealedSignIn(Guid.CreateVersion7(now), subject, amr, now + Lifetime, browsers.Digest(context)), PendingSignInJson.Default.SealedSignIn);
        context.Response.Cookies.Append(names.PendingSignIn, WebEncoders.Base64UrlEncode(protector.Protect(text)), names.Flags());
    }

    /// <returns>Null when nobody owes a second factor here.</returns>
    public ProvedFactor? Read(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        try
        {
            return context.Request.Cookies[names.PendingSignIn] is { Length: > 0 and < 4096 } value
                && JsonSerializer.Deserialize(protector.Unprotect(WebEncoders.Base64UrlDecode(value)), PendingSignInJson.Default.SealedSignIn) is { } pending
                && pending.ExpiresAt > time.GetUtcNow()
                && CryptographicOperations.FixedTimeEquals(pending.BrowserDigest, browsers.Digest(context))
                && Guid.TryParse(pending.Subject, out var subject) && !revoked.HoldsSession(pending.Id, subject)
                ? new ProvedFactor(pending.Id, pending.Subject, pending.Amr)
                : null;
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null; // A foreign, altered or outdated cookie is none.
        }
    }

    public void Forget(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Request.Cookies.ContainsKey(names.PendingSignIn))
        {
            context.Response.Cookies.Delete(names.PendingSignIn, names.Flags());
        }
    }
}

/// <summary>What has been proved already.</summary>
/// <param name="Id">Of this attempt; begins with its time.</param>
/// <param name="Amr">RFC 8176 values.</param>
public sealed record ProvedFactor(Guid Id, string Subject, IReadOnlyList<string> Amr);

internal sealed record SealedSignIn(Guid Id, string Subject, IReadOnlyList<string> Amr, DateTimeOffset ExpiresAt, byte[] BrowserDigest);

[JsonSerializable(typeof(SealedSignIn))]
internal sealed partial class PendingSignInJson : JsonSerializerContext;
