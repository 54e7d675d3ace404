namespace IdServer.Tokens.Registries;

/// <summary>HTTP fields of RFC 9449 §12.8; their names have no case.</summary>
public static class HeaderNames
{
    public const string DPoP = "DPoP";
    public const string DPoPNonce = "DPoP-Nonce";
}
