using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;

namespace IdServer.Data.Keys;

/// <summary>
/// Encrypts the secrets of clients that sign with them (<c>client_secret_jwt</c>), the only ones that must be readable again, with the keys that protect the
/// cookies. The client is part of the purpose, so that one row cannot stand in for another.
/// </summary>
internal sealed class SecretSeal(IDataProtectionProvider protection)
{
    private readonly IDataProtector protector = protection.CreateProtector("IdServer client secrets");

    /// <summary>Not inside a transaction: it may write the first key.</summary>
    public byte[] Close(string clientId, string secret) => protector.CreateProtector(clientId).Protect(Encoding.UTF8.GetBytes(secret));

    /// <returns>The secret in UTF-8; null when the keys it was encrypted with are lost.</returns>
    public byte[]? Open(string clientId, byte[] encrypted)
    {
        try
        {
            return protector.CreateProtector(clientId).Unprotect(encrypted);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
