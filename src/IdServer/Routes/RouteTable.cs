using System.Collections.Frozen;
using IdServer.Protocol.Discovery;
using IdServer.Protocol.Options;
using IdServer.Upstream;
using IdServer.Users;
using IdServer.Users.Passkeys;

namespace IdServer.Routes;

/// <summary>Every endpoint that is no page: path, methods, who may call it from a script, who reads its errors, and what serves it.</summary>
public sealed class RouteTable
{
    private const string Get = "GET";
    private const string Head = "HEAD";
    private const string Post = "POST";
    private const string Put = "PUT";
    private const string Delete = "DELETE";

    private readonly FrozenDictionary<string, ProtocolRoute> byPath;

    public RouteTable(
        DiscoveryRoute discovery, AuthorizeRoute authorize, PushedAuthorizationRoute pushed, TokenRoute token, UserInfoRoute userInfo, IntrospectionRoute introspection, RevocationRoute revocation, RevocationFeedRoute revocations, EndSessionRoute endSession, DeviceAuthorizationRoute devices, RegistrationRoute registration, UsersRoute users, HealthRoute health, UpstreamRoute upstream, UpstreamProviders providers, PasskeyRoute passkeys, RelyingParty relyingParty, ProtocolOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(providers);
        ArgumentNullException.ThrowIfNull(relyingParty);
        List<ProtocolRoute> rows =
        [
            new(EndpointPaths.OpenIdConfiguration, [Get, Head], CrossOrigin.Any, Reader.Client, discovery.MetadataAsync),
            new(EndpointPaths.AuthorizationServerMetadata, [Get, Head], CrossOrigin.Any, Reader.Client, discovery.MetadataAsync),
            new(EndpointPaths.Jwks, [Get, Head], CrossOrigin.Any, Reader.Client, discovery.JwksAsync),
            new(EndpointPaths.Authorize, [Get, Post], CrossOrigin.None, Reader.Person, authorize.HandleAsync),
            new(EndpointPaths.PushedAuthorization, [Post], CrossOrigin.Any, Reader.Client, pushed.HandleAsync),
            new(EndpointPaths.Token, [Post], CrossOrigin.Any, Reader.Client, token.HandleAsync),
            new(EndpointPaths.UserInfo, [Get, Post], CrossOrigin.Any, Reader.Client, userInfo.HandleAsync),
            new(EndpointPaths.Introspect, [Post], CrossOrigin.None, Reader.Client, introspection.HandleAsync),
            new(EndpointPaths.Revocation, [Post], CrossOrigin.Any, Reader.Client, revocation.HandleAsync),
            new(EndpointPaths.RevocationFeed, [Post], CrossOrigin.None, Reader.Client, revocations.HandleAsync),
            new(EndpointPaths.EndSession, [Get, Post], CrossOrigin.None, Reader.Person, endSession.HandleAsync),
            new(EndpointPaths.DeviceAuthorization, [Post], CrossOrigin.Any, Reader.Client, devices.HandleAsync),
            new(UsersResource.Path, [Get, Post], CrossOrigin.None, Reader.Client, users.HandleAsync),
            new(HealthRoute.Path, [Get, Head], CrossOrigin.None, Reader.Client, health.HandleAsync),
        ];

        if (options.ClientRegistration is not null)
        {
            rows.Add(new(EndpointPaths.Registration, [Get, Post, Put, Delete], CrossOrigin.Any, Reader.Client, registration.HandleAsync));
        }

        if (relyingParty.IsPossible)
        {
            rows.Add(new(PasskeyRoute.Path, [Post], CrossOrigin.None, Reader.Client, passkeys.HandleAsync));
        }

        foreach (var provider in providers.All)
        {
            rows.Add(new(provider.StartPath, [Get], CrossOrigin.None, Reader.Person, context => upstream.StartAsync(context, provider)));
            rows.Add(new(provider.CallbackPath, [Get], CrossOrigin.None, Reader.Person, context => UpstreamRoute.CallbackAsync(context, provider)));
        }

        // RFC 8414 §3.1: for an issuer with a path, the well-known part stands between host and path; OIDC Discovery §4.1 appends it, which is the row above.
        if (new Uri(options.Issuer).AbsolutePath is { Length: > 1 } path)
        {
            rows.Add(new(EndpointPaths.AuthorizationServerMetadata + path, [Get, Head], CrossOrigin.Any, Reader.Client, discovery.MetadataAsync));
            rows.Add(new(EndpointPaths.OpenIdConfiguration + path, [Get, Head], CrossOrigin.Any, Reader.Client, discovery.MetadataAsync));
        }

        Rows = rows;
        byPath = rows.ToFrozenDictionary(row => row.Path, StringComparer.Ordinal);
    }

    public IReadOnlyList<ProtocolRoute> Rows { get; }

    /// <summary>The endpoint at this path, compared exactly; null for everything else.</summary>
    public ProtocolRoute? Find(PathString path) => path.Value is { } text && byPath.TryGetValue(text, out var row) ? row : null;

    /// <summary>Maps the endpoints that people's browsers call once more, for who writes their paths in another case or with a slash at the end.</summary>
    public void MapTo(IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        foreach (var row in Rows.Where(row => row.Reader == Reader.Person))
        {
            endpoints.Map(row.Path, row.Serve).WithMetadata(row).WithDisplayName(row.Path);
        }
    }
}
