using IdServer.Localization;
using IdServer.Users.Passkeys;

namespace IdServer.Pages;

/// <summary>How a page that asked for a passkey says that it was refused.</summary>
internal static class PasskeyWords
{
    public static (int Status, string Sentence) Of(PasskeyOutcome outcome, Texts texts) => outcome switch
    {
        { RetryAfter: { } wait } => (StatusCodes.Status429TooManyRequests, texts["Passkey.Fault.Wait", texts.Duration(wait)]),
        { Fault: PasskeyFault.Stale } => (StatusCodes.Status422UnprocessableEntity, texts["Passkey.Fault.Stale"]),
        _ => (StatusCodes.Status422UnprocessableEntity, texts["Passkey.Fault.Refused"]), // requirement 50: one wording for everything
    };
}
