using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Options;

namespace IdServer.Protocol.Users;

/// <summary>
/// The <c>sub</c> a client reads (OIDC Core §8): the person's id, or for a client with pairwise subjects a name of that person which only clients of the same
/// sector share. It is the id encrypted under a key of the sector (§8.1), so that two people never share one, nothing has to be stored, and this server
/// alone finds the person again.
/// </summary>
public sealed class SubjectIdentifiers(ProtocolOptions options)
{
    private const int Size = 16; // a UUID is exactly one block of AES, and a block cipher is a permutation

    /// <param name="subject">The person's id.</param>
    public string Of(Client client, string subject)
    {
        ArgumentNullException.ThrowIfNull(client);
        if (client.Sector is not { } sector)
        {
            return subject;
        }

        Span<byte> block = stackalloc byte[Size];
        Guid.Parse(subject).TryWriteBytes(block, bigEndian: true, out _);
        using var cipher = CipherOf(sector);
        cipher.EncryptEcb(block, block, PaddingMode.None);
        return Base64Url.EncodeToString(block);
    }

    /// <returns>The person's id, or null when the text is no <c>sub</c> of this client's.</returns>
    public string? Resolve(Client client, string identifier)
    {
        ArgumentNullException.ThrowIfNull(client);
        if (client.Sector is not { } sector)
        {
            return identifier;
        }

        Span<byte> block = stackalloc byte[Size];
        if (!Base64Url.IsValid(identifier, out var length) || length != Size || !Base64Url.TryDecodeFromChars(identifier, block, out _))
        {
            return null;
        }

        using var cipher = CipherOf(sector);
        cipher.DecryptEcb(block, block, PaddingMode.None);
        return new Guid(block, bigEndian: true).ToString();
    }

    [SuppressMessage("Security", "CA5358:Review cipher mode usage with cryptography experts", Justification = "One block of a unique value under a key of its own: the same person must always have the same name.")]
    private Aes CipherOf(string sector)
    {
        if (options.PairwiseKey is not { } key)
        {
            throw new InvalidOperationException("A client has pairwise subjects, but IdServer:PairwiseKey is not set.");
        }

        var cipher = Aes.Create();
        cipher.Key = HMACSHA256.HashData(key.Span, Encoding.UTF8.GetBytes(sector));
        return cipher;
    }
}
