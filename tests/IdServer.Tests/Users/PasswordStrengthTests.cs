using System.Diagnostics;
using IdServer.Testing;
using IdServer.Users;
using Xunit;

namespace IdServer.Tests.Users;

/// <summary>What is easy to guess, and why.</summary>
public sealed class PasswordStrengthTests
{
    private static readonly string?[] Ana = ["ana", "ana.garcia@example.com", "Ana García", null, "", "IdServer"];

    [Theory]
    [InlineData("1234567890", PasswordWeakness.Sequence)]
    [InlineData("password123", PasswordWeakness.Common)]
    [InlineData("P@ssw0rd2024", PasswordWeakness.Common)]
    [InlineData("iloveyou2023", PasswordWeakness.Common)]
    [InlineData("iloveyou2023", PasswordWeakness.Date)]
    [InlineData("1q2w3e4r5t6y", PasswordWeakness.Common)]
    [InlineData("rtyuiopasdfg", PasswordWeakness.Keyboard)]
    [InlineData("aaaaaaaaaaaaaaaa", PasswordWeakness.Repeat)]
    [InlineData("xk9qxk9qxk9qxk9q", PasswordWeakness.Repeat)]
    [InlineData("abcdefghijkl", PasswordWeakness.Sequence)]
    [InlineData("12/05/1985ana", PasswordWeakness.Date)]
    [InlineData("anagarcia1985", PasswordWeakness.Personal)]
    [InlineData("4naGarc1a!", PasswordWeakness.Personal)]
    [InlineData("idserver2026", PasswordWeakness.Personal)]
    [InlineData("Garcia-2026!", PasswordWeakness.Date)]
    [InlineData("García.García", PasswordWeakness.Personal)]
    [InlineData("contraseña123", PasswordWeakness.Common)]
    [InlineData("micontraseña1", PasswordWeakness.Common)]
    [InlineData("tequieromucho", PasswordWeakness.Common)]
    [InlineData("administrador", PasswordWeakness.Common)]
    [InlineData("Barcelona2024", PasswordWeakness.Common)]
    [InlineData("realmadrid1902", PasswordWeakness.Common)]
    public void What_people_choose_is_not_enough_and_says_why(string password, PasswordWeakness weakness)
    {
        var strength = PasswordStrength.Of(password, Ana);

        Assert.False(strength.IsEnough, $"{strength.Bits} bits");
        Assert.Contains(weakness, strength.Weaknesses);
    }

    [Theory]
    [InlineData("correct horse")]
    [InlineData(Build.Password)]
    [InlineData("several words, long enough")]
    [InlineData("una contraseña larga y propia")]
    [InlineData("lluvia mandarina faro")]
    [InlineData("xkw-qhz-bmf")]
    [InlineData("kvrtnqzhwd")]
    public void Length_is_enough_without_capitals_digits_or_signs(string password) =>
        Assert.True(PasswordStrength.Of(password, Ana).IsEnough, $"{PasswordStrength.Of(password, Ana)}");

    [Fact]
    public void The_same_password_is_weak_for_whom_it_is_about_and_good_for_others()
    {
        Assert.False(PasswordStrength.Of("zubizarreta1x", ["Zubizarreta"]).IsEnough);
        Assert.True(PasswordStrength.Of("zubizarreta1x", Ana).IsEnough);
    }

    [Fact]
    public void What_is_easy_about_a_good_password_is_said_as_well() =>
        Assert.Contains(PasswordWeakness.Personal, PasswordStrength.Of("garcia, mandarina y farolillo", Ana).Weaknesses);

    [Theory]
    [InlineData("4@8({[<6936#1!|1ll1|7")]
    [InlineData("p@s5w0rd")]
    [InlineData("a\u0301\u0301\u0301b\u0301")]
    [InlineData("qwertyuiop1")]
    public void A_hostile_text_costs_little(string part)
    {
        var text = string.Concat(Enumerable.Repeat(part, 256))[..PasswordRules.MaximumLength];
        var words = Enumerable.Repeat(text, 10).ToArray();
        PasswordStrength.Of(text, words);

        var watch = Stopwatch.StartNew();
        PasswordStrength.Of(text + "x", words);

        Assert.InRange(watch.ElapsedMilliseconds, 0, 250); // 10 alone
    }

    [Fact]
    public void Many_at_once_get_the_answers_of_one_after_the_other()
    {
        string[] passwords = ["P@ssw0rd2024", "lluvia mandarina faro", "qwertyuiop12", "anagarcia1985", "xkw-qhz-bmf", "abcdefghijkl"];
        var alone = passwords.Select(p => PasswordStrength.Of(p, Ana).Bits).ToArray();

        Parallel.For(0, 200, i => Assert.Equal(alone[i % passwords.Length], PasswordStrength.Of(passwords[i % passwords.Length], Ana).Bits));
    }
}
