using System.Buffers;
using IdServer.Protocol.Authorize;

namespace IdServer.Routes;

/// <summary>Where routes send people. Every page has its own path (requirements, part C.3).</summary>
public static class PagePaths
{
    private static readonly SearchValues<char> PathCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz-/");

    /// <summary>Query parameter that carries the interaction's id to a page and back.</summary>
    public const string Interaction = "interaction";

    /// <summary>Query parameter that carries a client's id to the signed-out page.</summary>
    public const string Client = "client";

    /// <summary>Query parameter that carries to the signed-out page what it has to do (<see cref="Sessions.SignOut"/>).</summary>
    public const string Visit = "visit";

    /// <summary>Query parameter that carries the page of ours that a sign-in leads back to, when no request waits (<see cref="LocalPage"/>).</summary>
    public const string To = "to";

    public const string Login = "/account/login";

    /// <summary>Where the owner of an account proves that a login at another provider is theirs too.</summary>
    public const string Link = "/account/link";

    /// <summary>Where the second factor is asked for.</summary>
    public const string SecondFactor = "/account/second-factor";

    /// <summary>Where another password is set by a link from a mail.</summary>
    public const string Reset = "/account/reset";

    /// <summary>Everything that opens an account, and what of it its owner does not know.</summary>
    public const string Review = "/account/review";

    /// <summary>Query parameter that carries what a link in a mail proves.</summary>
    public const string Token = "token";

    /// <summary>Where an address is confirmed.</summary>
    public const string Verify = "/account/verify";

    /// <summary>Where another address of an account is confirmed.</summary>
    public const string ChangeAddress = "/account/change-address";

    /// <summary>The logins at other providers that an account has.</summary>
    public const string Logins = "/manage/logins";

    /// <summary>What a person has here.</summary>
    public const string Manage = "/manage";

    public const string Consent = "/authorize/consent";
    public const string Logout = "/account/logout";
    public const string DeviceConfirm = "/device/confirm";
    public const string DeviceDone = "/device/done";
    public const string SignedOut = "/account/signed-out";

    /// <summary>The page that <see cref="To"/> names: one of those under <see cref="Manage"/>, or <see cref="Review"/>, without a query. Null for anything else, so that nobody is led astray.</summary>
    public static string? LocalPage(string? to) =>
        to is { Length: <= 100 } && (to is Manage or Review || to.StartsWith(Manage + "/", StringComparison.Ordinal)) && to.AsSpan(1).IndexOfAnyExcept(PathCharacters) < 0 && !to.Contains("//", StringComparison.Ordinal) ? to : null;

    public static string Of(InteractionStep step) => step switch
    {
        InteractionStep.Login => Login,
        InteractionStep.SecondFactor => SecondFactor,
        _ => Consent,
    };
}
