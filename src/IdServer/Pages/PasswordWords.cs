using IdServer.Localization;
using IdServer.Users;

namespace IdServer.Pages;

/// <summary>What a page says about a password that somebody chooses: what makes it easy to guess, and what to do.</summary>
internal static class PasswordWords
{
    public static string Of(PasswordStrength strength, Texts texts) => strength switch
    {
        { IsEnough: false } => Weak(strength.Weaknesses, texts),
        { Bits: < PasswordStrength.Plenty } => texts["Password.Fair"],
        _ => texts["Password.Good"],
    };

    /// <summary>The sentence for a fault of the password.</summary>
    public static string Of(UserFault fault, Texts texts) => fault.Kind switch
    {
        UserFaultKind.TooObvious => Weak(fault.Weaknesses ?? [], texts),
        UserFaultKind.TooLong => texts["Password.TooLong", PasswordRules.MaximumLength],
        UserFaultKind.TooShort => texts["Password.TooShort", PasswordRules.MinimumLength],
        _ => texts["Password.Missing"],
    };

    private static string Weak(IReadOnlyList<PasswordWeakness> weaknesses, Texts texts) => texts[
        "Password.Weak",
        weaknesses.Count == 0 ? texts["Password.Weakness.Other"] : string.Join(", ", weaknesses.Select(w => texts[$"Password.Weakness.{w}"]))];
}
