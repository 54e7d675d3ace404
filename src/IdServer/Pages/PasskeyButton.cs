namespace IdServer.Pages;

/// <summary>Asks for a passkey, drawn by <c>_PasskeyButton</c>; at most one on a page. Hidden where there are none.</summary>
public sealed record PasskeyButton(string Id, string Text);
