using IdServer.Protocol.Authorize;

namespace IdServer.Routes;

/// <summary>Where routes send people. Every page has its own path (requirements, part C.3).</summary>
public static class PagePaths
{
    /// <summary>Query parameter that carries the interaction's id to a page and back.</summary>
    public const string Interaction = "interaction";

    /// <summary>Query parameter that carries a client's id to the signed-out page.</summary>
    public const string Client = "client";

    /// <summary>Query parameter that carries to the signed-out page what it has to do (<see cref="Sessions.SignOut"/>).</summary>
    public const string Visit = "visit";

    public const string Login = "/account/login";

    /// <summary>Where the owner of an account proves that a login at another provider is theirs too.</summary>
    public const string Link = "/account/link";

    public const string Consent = "/authorize/consent";
    public const string Logout = "/account/logout";
    public const string DeviceConfirm = "/device/confirm";
    public const string DeviceDone = "/device/done";
    public const string SignedOut = "/account/signed-out";

    /// <summary>Where a code of the authenticator app is asked for, or what stands in for it.</summary>
    public const string SecondFactor = "/account/second-factor";

    public static string Of(InteractionStep step) => step switch
    {
        InteractionStep.Login => Login,
        InteractionStep.SecondFactor => SecondFactor,
        _ => Consent,
    };
}
