using System.Buffers.Binary;
using System.Text.Json.Serialization;
using IdServer.Protocol.Issuance;
using IdServer.Upstream;

namespace IdServer.Sessions;

/// <summary>
/// Somebody who has proved one factor and owes the second: sealed in a cookie for 10 minutes, good in the browser that brought it, and no longer than what was proved
/// (a changed password or a disabled account ends it). It signs nobody in.
/// </summary>
public sealed class PendingSignIn(BrowserSeal seal, CookieNames names, RevokedSet revoked)
{
    private const string Purpose = "second factor";

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    /// <param name="since">A moment before any of it was looked at.</param>
    /// <param name="login">To be linked once the second factor is proved too.</param>
    public void Remember(HttpContext context, string subject, IReadOnlyList<string> amr, DateTimeOffset since, PendingLink? login)
    {
        ArgumentNullException.ThrowIfNull(context);
        var proved = new ProvedFactor(Guid.CreateVersion7(since), subject, amr, login);
        context.Response.Cookies.Append(names.PendingSignIn, seal.Close(context, Purpose, proved, PendingSignInJson.Default.ProvedFactor, Lifetime), names.Flags());
    }

    /// <returns>Null when nobody owes a second factor here.</returns>
    public ProvedFactor? Read(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return seal.Open(context, Purpose, context.Request.Cookies[names.PendingSignIn], PendingSignInJson.Default.ProvedFactor) is { } proved
            && Guid.TryParse(proved.Subject, out var subject) && !revoked.HoldsSession(proved.Id, subject) ? proved : null;
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
/// <param name="Login">The login at a provider whose owner proves the account to have it linked.</param>
public sealed record ProvedFactor(Guid Id, string Subject, IReadOnlyList<string> Amr, PendingLink? Login)
{
    /// <summary>A moment before it was looked at (RFC 9562 §5.7: an id begins with it).</summary>
    [JsonIgnore]
    public DateTimeOffset Since => DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(Id.ToByteArray(bigEndian: true)) >> 16);
}

[JsonSerializable(typeof(ProvedFactor))]
internal sealed partial class PendingSignInJson : JsonSerializerContext;
