using IdServer.Protocol.Options;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Clients;

/// <summary>What a client's metadata must satisfy, whoever wrote it: configuration file, command line, registration request.</summary>
public static class ClientMetadataRules
{
    private static readonly string[] KnownGrantTypes = [GrantTypes.AuthorizationCode, GrantTypes.RefreshToken, GrantTypes.ClientCredentials, GrantTypes.Password, GrantTypes.TokenExchange, GrantTypes.DeviceCode];
    private static readonly string[] KnownExchangeModes = [TokenExchangeModes.Impersonation, TokenExchangeModes.Delegation];
    private static readonly string[] KnownAuthMethods = [ClientAuthenticationMethods.ClientSecretBasic, ClientAuthenticationMethods.ClientSecretPost, ClientAuthenticationMethods.ClientSecretJwt, ClientAuthenticationMethods.PrivateKeyJwt, ClientAuthenticationMethods.TlsClientAuth, ClientAuthenticationMethods.SelfSignedTlsClientAuth, ClientAuthenticationMethods.None];

    /// <summary>Every fault, each with the member it is about and a sentence that says what to write instead; none when the metadata is acceptable.</summary>
    /// <param name="scopeExists">Whether a scope is known to this server.</param>
    /// <param name="offersPairwise">Whether this server has a key to make pairwise subjects with.</param>
    /// <param name="mutualTls">Null: this server believes no certificates.</param>
    public static IEnumerable<MetadataFault> Check(ClientMetadata client, Func<string, bool> scopeExists, bool offersPairwise = false, MutualTlsOptions? mutualTls = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(scopeExists);
        var method = client.TokenEndpointAuthMethod ?? ClientAuthenticationMethods.ClientSecretBasic;
        var grants = client.GrantTypes ?? [GrantTypes.AuthorizationCode];
        var isPublic = method == ClientAuthenticationMethods.None;

        if (string.IsNullOrEmpty(client.ClientId) || client.ClientId.Length > 200 || !client.ClientId.All(c => c is > ' ' and <= '~')) // RFC 6749 appendix A.1, without the space
        {
            yield return new("client_id", "is missing or not 1 to 200 printable ASCII characters without spaces: write one such as \"my-app\".");
        }
        else if (Guid.TryParse(client.ClientId, out _)) // RFC 9068 §5: a client's own sub must never be a person's, and those are UUIDs
        {
            yield return new("client_id", $"is \"{client.ClientId}\", which could be taken for a person's id: write a name such as \"my-app\".");
        }

        if (!KnownAuthMethods.Contains(method))
        {
            yield return new("token_endpoint_auth_method", $"is \"{method}\": write one of {Names(KnownAuthMethods)}.");
        }

        foreach (var fault in ClientKeyRules.Check(client, method).Concat(CertificateRules.Check(client, method, mutualTls)))
        {
            yield return fault;
        }

        if (isPublic && client.ClientSecret is not null)
        {
            yield return new("client_secret", "is set although token_endpoint_auth_method is \"none\": remove the secret, or write client_secret_basic.");
        }

        if (client.ClientSecret is { Length: < ClientSecret.MinimumLength })
        {
            yield return new("client_secret", $"is shorter than {ClientSecret.MinimumLength} characters: write a random one, for example the output of \"openssl rand -hex 32\".");
        }

        foreach (var grant in grants.Where(g => !KnownGrantTypes.Contains(g)))
        {
            yield return new("grant_types", $"holds \"{grant}\": write some of {Names(KnownGrantTypes)}.");
        }

        if (isPublic && grants.Contains(GrantTypes.ClientCredentials)) // RFC 6749 §4.4
        {
            yield return new("grant_types", "holds client_credentials, which only a client with a secret may use: remove it, or write client_secret_basic as token_endpoint_auth_method.");
        }

        if (isPublic && grants.Contains(GrantTypes.TokenExchange)) // RFC 8693 §5
        {
            yield return new("grant_types", "holds token-exchange, which only a client that authenticates may use: remove it, or write client_secret_basic as token_endpoint_auth_method.");
        }

        if (grants.Contains(GrantTypes.TokenExchange) != client.TokenExchangeModes is { Count: > 0 } || (client.TokenExchangeModes ?? []).Any(m => !KnownExchangeModes.Contains(m)))
        {
            yield return new("token_exchange_modes", $"goes with the grant type {GrantTypes.TokenExchange}: write both, with some of {Names(KnownExchangeModes)}, or neither.");
        }

        foreach (var type in (client.ResponseTypes ?? []).Where(t => t != ResponseTypes.Code))
        {
            yield return new("response_types", $"holds \"{type}\": only \"code\" exists, the implicit and hybrid flows are not offered.");
        }

        if (client.ResponseTypes is { } types && types.All(t => t == ResponseTypes.Code) && (types.Count > 0) != grants.Contains(GrantTypes.AuthorizationCode)) // RFC 7591 §2.1, requirement 45
        {
            yield return new("response_types", "goes with grant_types: write \"code\" and \"authorization_code\", or neither.");
        }

        if (client.InitiateLoginUri is { } start && !(Uri.TryCreate(start, UriKind.Absolute, out var parsedStart) && parsedStart.Scheme == "https")) // OIDC Core §4
        {
            yield return new("initiate_login_uri", $"is \"{start}\": write an https address.");
        }

        if (grants.Contains(GrantTypes.AuthorizationCode) && client.RedirectUris is not { Count: > 0 })
        {
            yield return new("redirect_uris", "is empty although the client uses authorization_code: write every address the client may be called back at, exactly.");
        }

        foreach (var (member, uris) in new[] { ("redirect_uris", client.RedirectUris), ("post_logout_redirect_uris", client.PostLogoutRedirectUris) })
        {
            foreach (var uri in uris ?? [])
            {
                if (RedirectUriFault(uri, client.ApplicationType == "native") is { } fault)
                {
                    yield return new(member, $"holds \"{uri}\", which {fault}");
                }
            }
        }

        if (client.ApplicationType is not (null or "web" or "native"))
        {
            yield return new("application_type", $"is \"{client.ApplicationType}\": write \"web\" or \"native\".");
        }

        foreach (var scope in (client.Scope ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(s => !scopeExists(s)))
        {
            yield return new("scope", $"holds \"{scope}\", which no resource declares: add it to the scopes of a resource, or remove it.");
        }

        if (client.BackchannelLogoutUri is { } backChannel && (!IsWebAddress(backChannel) || backChannel.Contains('#'))) // OIDC Back-Channel Logout §2.2
        {
            yield return new("backchannel_logout_uri", $"is \"{backChannel}\": write an https address without a fragment.");
        }

        if (client.FrontchannelLogoutUri is { } frontChannel && (frontChannel.Contains('#') || !(client.RedirectUris ?? []).Any(u => SameOrigin(u, frontChannel)))) // OIDC Front-Channel Logout §2
        {
            yield return new("frontchannel_logout_uri", $"is \"{frontChannel}\": write an address without a fragment, with scheme, host and port of one of the redirect_uris.");
        }

        if (SubjectTypeFault(client, offersPairwise) is { } subjectFault)
        {
            yield return subjectFault;
        }

        foreach (var (member, algorithm) in new[]
        {
            ("id_token_signed_response_alg", client.IdTokenSignedResponseAlg), ("access_token_signed_response_alg", client.AccessTokenSignedResponseAlg),
            ("authorization_signed_response_alg", client.AuthorizationSignedResponseAlg),
            ("userinfo_signed_response_alg", client.UserinfoSignedResponseAlg), ("introspection_signed_response_alg", client.IntrospectionSignedResponseAlg),
        })
        {
            if (algorithm is not null && !Algorithms.IsSupported(algorithm))
            {
                yield return new(member, $"is \"{algorithm}\": write \"ES256\" or \"RS256\".");
            }
        }

        if (client.RequestObjectSigningAlg is { } signing && !Algorithms.Asymmetric.Contains(signing))
        {
            yield return new("request_object_signing_alg", $"is \"{signing}\": write one of {Names(Algorithms.Asymmetric)}, or remove it to allow any of them.");
        }

        if (client.RequireSignedRequestObject == true && client.Jwks is null && client.JwksUri is null)
        {
            yield return new("require_signed_request_object", "is true although the client has no keys: write its public keys as jwks, or their address as jwks_uri.");
        }

        foreach (var uri in (client.RequestUris ?? []).Where(u => !IsRequestUri(u)))
        {
            yield return new("request_uris", $"holds \"{uri}\": write an https address of at most 512 characters, exactly as the client sends it.");
        }

        if (isPublic && client.RotateRefreshTokens == false) // RFC 9700 §4.14.2
        {
            yield return new("rotate_refresh_tokens", "is false although the client is public: remove it; only clients that authenticate may keep one refresh token.");
        }

        foreach (var (member, seconds) in new[] { ("access_token_lifetime", client.AccessTokenLifetime), ("id_token_lifetime", client.IdTokenLifetime), ("refresh_token_lifetime", client.RefreshTokenLifetime), ("default_max_age", client.DefaultMaxAge) })
        {
            if (seconds is <= 0)
            {
                yield return new(member, $"is {seconds}: write a number of seconds above zero.");
            }

            if (seconds > 86_400 && (member is "access_token_lifetime" or "id_token_lifetime")) // ProtocolOptions.LongestTokenLifetime
            {
                yield return new(member, $"is {seconds}: write at most 86400, the time that revocations and superseded keys are remembered for.");
            }
        }

        foreach (var (member, uri) in new[] { ("client_uri", client.ClientUri), ("logo_uri", client.LogoUri), ("policy_uri", client.PolicyUri), ("tos_uri", client.TosUri) })
        {
            if (uri is not null && !(Uri.TryCreate(uri, UriKind.Absolute, out var parsed) && parsed.Scheme is ("https" or "http")))
            {
                yield return new(member, $"is \"{uri}\": write an https address.");
            }
        }
    }

    private static bool IsWebAddress(string uri) => Uri.TryCreate(uri, UriKind.Absolute, out var parsed) && parsed is { Scheme: "https" or "http", UserInfo.Length: 0 };

    private static bool SameOrigin(string redirectUri, string uri) =>
        IsWebAddress(uri) && Uri.TryCreate(redirectUri, UriKind.Absolute, out var registered) && registered.GetLeftPart(UriPartial.Authority) == new Uri(uri).GetLeftPart(UriPartial.Authority);

    // OIDC Core §8.1
    private static MetadataFault? SubjectTypeFault(ClientMetadata client, bool offersPairwise) => client switch
    {
        { SubjectType: not (null or SubjectTypes.Public or SubjectTypes.Pairwise) } => new("subject_type", $"is \"{client.SubjectType}\": write \"public\" or \"pairwise\"."),
        { SectorIdentifierUri: { } uri } when !Uri.TryCreate(uri, UriKind.Absolute, out var sector) || sector.Scheme != "https" => new("sector_identifier_uri", $"is \"{uri}\": write an https address."),
        { SubjectType: not SubjectTypes.Pairwise } => null,
        _ when !offersPairwise => new("subject_type", "is \"pairwise\", which this server does not offer: set IdServer:PairwiseKey, or write \"public\"."),
        { SectorIdentifierUri: null } when (client.RedirectUris ?? []).Select(u => Uri.TryCreate(u, UriKind.Absolute, out var parsed) ? parsed.Host : "").Distinct(StringComparer.OrdinalIgnoreCase).Count() != 1 =>
            new("subject_type", "is \"pairwise\", but the redirect_uris are not all on one host: write a sector_identifier_uri, whose host is the sector."),
        _ => null,
    };

    private static string? RedirectUriFault(string uri, bool native)
    {
        // Uri.TryCreate alone takes "/path" for a file, and a backslash for a slash.
        if (!Uri.IsWellFormedUriString(uri, UriKind.Absolute) || !Uri.TryCreate(uri, UriKind.Absolute, out var parsed) || uri.Any(c => c is <= ' ' or > '~') || uri.Contains('*'))
        {
            return "is not an absolute URI in plain ASCII: write it exactly as the client sends it, without wildcards.";
        }

        if (uri.Contains('#')) // RFC 6749 §3.1.2
        {
            return "has a fragment: remove everything from the # on.";
        }

        if (parsed.UserInfo.Length > 0)
        {
            return "holds a user name: remove everything before the @.";
        }

        return parsed.Scheme switch
        {
            "https" => null,
            "http" => parsed.IsLoopback ? null : "is plain http on a host that is not loopback: write https.",
            "javascript" or "data" or "vbscript" or "file" or "about" or "blob" => "has a scheme that runs in the browser: write https.",
            _ => native && parsed.Scheme.Contains('.') ? null : "has a scheme of its own: set application_type to \"native\" and use a reverse domain name such as com.example.app:/callback.", // RFC 8252 §7.1
        };
    }

    // OIDC Registration §2, OIDC Core §6.2
    private static bool IsRequestUri(string uri) =>
        uri.Length <= 512 && uri.All(c => c is > ' ' and <= '~') && Uri.IsWellFormedUriString(uri, UriKind.Absolute) && Uri.TryCreate(uri, UriKind.Absolute, out var parsed) && parsed is { Scheme: "https", UserInfo.Length: 0 };

    private static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"\"{n}\""));
}

/// <summary>One fault of a client's metadata: the member, and a sentence that continues its name.</summary>
public readonly record struct MetadataFault(string Member, string Sentence);
