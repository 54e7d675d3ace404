using System.Collections.Concurrent;
using System.Net;
using IdServer.Protocol.Users;

namespace IdServer.Testing;

/// <summary>People in a dictionary: where claims come from, and who knows their passwords.</summary>
public sealed class TestUsers : IUserClaimsSource, IPasswordVerifier
{
    private readonly ConcurrentDictionary<string, (UserClaims Claims, string Password)> people = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> disabled = new(StringComparer.Ordinal);

    /// <summary>When set, the answer to every password, whatever it is: a brake or an overload.</summary>
    public PasswordOutcome? Refusal { get; set; }

    /// <summary>Adds a person, or replaces the one with the same subject.</summary>
    public UserClaims Add(UserClaims claims, string password = Build.Password)
    {
        people[claims.Subject] = (claims, password);
        return claims;
    }

    /// <summary>From now on the account may not sign in, and its claims are not found.</summary>
    public void Disable(string subject) => disabled[subject] = true;

    public ValueTask<UserClaims?> FindAsync(string subject, CancellationToken ct) =>
        ValueTask.FromResult(people.TryGetValue(subject, out var person) && !disabled.ContainsKey(subject) ? person.Claims : null);

    public ValueTask<PasswordOutcome> VerifyAsync(string login, string password, IPAddress? source, byte[]? device, CancellationToken ct)
    {
        if (Refusal is { } refusal)
        {
            return ValueTask.FromResult(refusal);
        }

        var subject = people.Values
            .Where(p => Same(p.Claims.Username, login) || Same(p.Claims.Email, login))
            .Where(p => p.Password == password && !disabled.ContainsKey(p.Claims.Subject))
            .Select(p => p.Claims.Subject)
            .FirstOrDefault();
        return ValueTask.FromResult(new PasswordOutcome(subject));
    }

    private static bool Same(string? known, string login) => string.Equals(known, login, StringComparison.OrdinalIgnoreCase);
}
