namespace IdServer.Upstream;

/// <summary>What a sign-in at another provider carries with it, encrypted in its <c>state</c>.</summary>
internal static class SignInProperties
{
    /// <summary>The interaction that waits, if one does.</summary>
    public const string Interaction = "interaction";

    /// <summary>The page of ours that the person comes from, if no interaction waits.</summary>
    public const string To = "to";

    /// <summary>Written when credentials must be entered.</summary>
    public const string Forced = "forced";

    /// <summary>The session whose account the login is to be linked with, on its owner's own page.</summary>
    public const string Links = "links";

    /// <summary>Written when the person proves by this sign-in whose account another login is to be linked with.</summary>
    public const string Proves = "proves";

    /// <summary>256 random bits: the nonce of the ID token, and what makes an answer good once.</summary>
    public const string Nonce = "nonce";

    /// <summary>In memory only: who came back.</summary>
    public const string Identity = "identity";
}
