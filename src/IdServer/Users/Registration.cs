using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Identity;

namespace IdServer.Users;

/// <summary>An account that somebody asked for, found by its link.</summary>
public sealed record Registration
{
    internal Registration(Guid tokenId, AskedAccount asked) => (TokenId, Asked) = (tokenId, asked);

    public string Address => Asked.User.Email!;

    /// <summary>Without one, only the browser that asked shows that it was this person.</summary>
    public bool HasPassword => Asked.PasswordHash is not null;

    internal Guid TokenId { get; }

    internal AskedAccount Asked { get; }

    /// <summary>Whether it was asked for in this browser.</summary>
    public bool IsOf(byte[] browserDigest) => CryptographicOperations.FixedTimeEquals(Convert.FromBase64String(Asked.Browser), browserDigest);
}

/// <summary>What came of a link.</summary>
/// <param name="Result">In one word.</param>
public sealed record CompletedRegistration(RegistrationResult Result)
{
    /// <summary>Of the account that was made.</summary>
    public string? Subject { get; init; }

    /// <summary>What making it has proved.</summary>
    public IReadOnlyList<string> Amr { get; init; } = [];

    public TimeSpan RetryAfter { get; init; }
}

/// <summary>How a registration ends.</summary>
public enum RegistrationResult
{
    Made,
    WrongPassword,

    /// <summary>Too many wrong passwords, or too much is being hashed.</summary>
    Wait,

    /// <summary>The address has got an account meanwhile.</summary>
    HasAccount,

    /// <summary>The user name has got an account meanwhile.</summary>
    UsernameTaken,

    /// <summary>The link was spent meanwhile.</summary>
    Gone,
}

/// <param name="User">Without the password.</param>
/// <param name="Browser">Digest of the browser that asked.</param>
internal sealed record AskedAccount(DeclaredUser User, string? PasswordHash, string Browser)
{
    /// <summary>Instead of a password.</summary>
    public IdentityUserPasskey<Guid>? Passkey { get; init; }

    public IReadOnlyList<string> Amr { get; init; } = [];
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AskedAccount))]
internal sealed partial class RegistrationJson : JsonSerializerContext;
