namespace IdServer.Pages;

/// <summary>Asks for a passkey, drawn by <c>_PasskeyButton</c>; at most one on a page. Hidden where there are none.</summary>
/// <param name="IsMain">Whether it is what the page is for.</param>
public sealed record PasskeyButton(string Id, string Text, bool IsMain = false);
