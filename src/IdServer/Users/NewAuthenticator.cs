using System.Text.Json.Serialization;
using IdServer.Data.Users;
using IdServer.Sessions;

namespace IdServer.Users;

/// <summary>The secret of an app that is being set up: sealed in a cookie for 15 minutes and good for one person, so that nothing is stored before a code has proved it.</summary>
public sealed class NewAuthenticator(BrowserSeal seal, CookieNames names)
{
    private const string Purpose = "new authenticator";

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    /// <summary>The secret that is being set up in this browser, the same one until it expires, so that a reload does not undo what was scanned.</summary>
    public byte[] Begin(HttpContext context, string subject)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (Read(context, subject) is { } begun)
        {
            return begun;
        }

        var secret = TimeBasedCode.NewSecret();
        context.Response.Cookies.Append(names.NewAuthenticator, seal.Close(context, Purpose, new NewSecret(subject, secret), NewSecretJson.Default.NewSecret, Lifetime), names.Flags());
        return secret;
    }

    /// <returns>Null when none is being set up, it took too long, or another person's is.</returns>
    public byte[]? Read(HttpContext context, string subject)
    {
        ArgumentNullException.ThrowIfNull(context);
        return seal.Open(context, Purpose, context.Request.Cookies[names.NewAuthenticator], NewSecretJson.Default.NewSecret) is { } begun && begun.Subject == subject ? begun.Secret : null;
    }

    public void Forget(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Response.Cookies.Delete(names.NewAuthenticator, names.Flags());
    }
}

internal sealed record NewSecret(string Subject, byte[] Secret);

[JsonSerializable(typeof(NewSecret))]
internal sealed partial class NewSecretJson : JsonSerializerContext;
