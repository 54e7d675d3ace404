using IdServer.Protocol.Scopes;

namespace IdServer.Users;

/// <summary>The users API of this server as a resource (RFC 8707): its access tokens have the issuer plus <c>/users</c> as audience.</summary>
public static class UsersResource
{
    /// <summary>Path below the issuer.</summary>
    public const string Path = "/users";

    public const string CreateScope = "users.create";

    public const string ReadScope = "users.read";

    /// <summary>The words for the consent page; a declared scope of the same name replaces them.</summary>
    public static IReadOnlyList<Scope> Scopes { get; } =
    [
        new(CreateScope, Titles("Crear cuentas de usuario", "Create user accounts")),
        new(ReadScope, Titles("Ver las cuentas de usuario", "See user accounts")),
    ];

    public static ApiResource Of(string issuer) => new() { Identifier = issuer + Path, Scopes = [CreateScope, ReadScope] };

    private static Dictionary<string, string> Titles(string es, string en) => new(StringComparer.Ordinal) { ["es"] = es, ["en"] = en };
}
