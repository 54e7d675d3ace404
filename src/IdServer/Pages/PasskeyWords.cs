using IdServer.Localization;
using IdServer.Users.Passkeys;

namespace IdServer.Pages;

/// <summary>How a page that asked for a passkey says that it cannot go on with it.</summary>
internal static class PasskeyWords
{
    public static (int Status, string Sentence) Of(PasskeyOutcome outcome, Texts texts) => outcome switch
    {
        { RetryAfter: { } wait } => (StatusCodes.Status429TooManyRequests, texts["Passkey.Fault.Wait", texts.Duration(wait)]),
        { Subject: not null } => (StatusCodes.Status422UnprocessableEntity, texts["Passkey.Fault.Other"]), // a good one, which the page has not taken
        { Fault: PasskeyFault.Stale } => (StatusCodes.Status422UnprocessableEntity, texts["Passkey.Fault.Stale"]),
        _ => (StatusCodes.Status422UnprocessableEntity, texts["Passkey.Fault.Refused"]), // requirement 50: one wording for everything
    };
}
