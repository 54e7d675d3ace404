using IdServer.Users.Passkeys;

namespace IdServer.Routes;

/// <summary>
/// Gives our own pages a new challenge, since one must be at hand while the page is open and is good for five minutes. The answer to it comes with the page's form.
/// </summary>
public sealed class PasskeyRoute(PasskeySignIn passkeys)
{
    public const string Path = "/account/passkey/challenge";

    public async Task HandleAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        // A script of another site could read nothing; but its request need not set our cookie either (Fetch Metadata Request Headers §2.4).
        if (context.Request.Headers["Sec-Fetch-Site"].ToString() is not ("" or "same-origin"))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        var start = await passkeys.BeginAsync(context);
        await OAuthWriter.JsonAsync(context, start, static (start, writer) =>
        {
            writer.WriteStartObject();
            writer.WritePropertyName("options");
            writer.WriteRawValue(start.Options);
            writer.WriteString("state", start.State);
            writer.WriteEndObject();
        });
    }
}
