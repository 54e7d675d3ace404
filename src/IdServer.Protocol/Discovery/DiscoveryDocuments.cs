using System.Buffers;
using System.Text.Json;
using IdServer.Protocol.Keys;
using IdServer.Protocol.Options;
using IdServer.Protocol.Scopes;
using IdServer.Protocol.Token;
using IdServer.Protocol.Users;
using IdServer.Tokens.DPoP;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Discovery;

/// <summary>
/// The metadata document (RFC 8414 §2, OIDC Discovery §3) and the JWKS (RFC 7517 §5) as finished bytes, made once and again when keys change.
/// Metadata lists only what works, by registered names (requirement 42).
/// </summary>
public sealed class DiscoveryDocuments
{
    private readonly KeyRing keys;
    private volatile FinishedDocument jwks;

    public DiscoveryDocuments(ProtocolOptions options, ScopeCatalog scopes, IEnumerable<ITokenGrant> grants, KeyRing keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        this.keys = keys;
        Metadata = Write(writer => WriteMetadata(writer, options, scopes, grants));
        jwks = Write(WriteJwks);
        keys.Changed += (_, _) => jwks = Write(WriteJwks);
    }

    public FinishedDocument Metadata { get; }

    public FinishedDocument Jwks => jwks;

    private static void WriteMetadata(Utf8JsonWriter writer, ProtocolOptions options, ScopeCatalog scopes, IEnumerable<ITokenGrant> grants)
    {
        string[] authMethods =
        [
            ClientAuthenticationMethods.ClientSecretBasic, ClientAuthenticationMethods.ClientSecretPost, ClientAuthenticationMethods.ClientSecretJwt, ClientAuthenticationMethods.PrivateKeyJwt,
            .. MethodsByCertificate(options.MutualTls),
        ];
        string[] assertionAlgorithms = [.. Algorithms.Asymmetric, Algorithms.HS256];
        string[] algorithms = [Algorithms.RS256, Algorithms.ES256];

        writer.WriteString("issuer", options.Issuer);
        writer.WriteString("authorization_endpoint", options.Issuer + EndpointPaths.Authorize);
        writer.WriteString("pushed_authorization_request_endpoint", options.Issuer + EndpointPaths.PushedAuthorization);
        writer.WriteString("token_endpoint", options.Issuer + EndpointPaths.Token);
        writer.WriteString("userinfo_endpoint", options.Issuer + EndpointPaths.UserInfo);
        writer.WriteString("jwks_uri", options.Issuer + EndpointPaths.Jwks);
        writer.WriteString("revocation_endpoint", options.Issuer + EndpointPaths.Revocation);
        writer.WriteString("introspection_endpoint", options.Issuer + EndpointPaths.Introspect);
        writer.WriteString("end_session_endpoint", options.Issuer + EndpointPaths.EndSession);
        writer.WriteString("device_authorization_endpoint", options.Issuer + EndpointPaths.DeviceAuthorization); // RFC 8628 §4
        if (options.ClientRegistration is not null)
        {
            writer.WriteString("registration_endpoint", options.Issuer + EndpointPaths.Registration); // RFC 7591 §3
        }

        if (options.ClientIdMetadata is not null)
        {
            writer.WriteBoolean("client_id_metadata_document_supported", true); // Client ID Metadata Document §5
        }

        if (options.MutualTls is { } mutualTls)
        {
            writer.WriteBoolean("tls_client_certificate_bound_access_tokens", true); // RFC 8705 §3.3
            WriteAliases(writer, mutualTls.Address);
        }

        WriteArray("scopes_supported", scopes.Names);
        WriteArray("response_types_supported", [ResponseTypes.Code]);
        WriteArray("response_modes_supported", [ResponseModes.Query, ResponseModes.FormPost, .. options.OffersSignedResponses ? ResponseModes.AsJwt : []]);
        if (options.OffersSignedResponses)
        {
            WriteArray("authorization_signing_alg_values_supported", algorithms); // JARM §4
        }

        WriteArray("grant_types_supported", grants.Select(g => g.GrantType));
        WriteArray("subject_types_supported", options.PairwiseKey is null ? [SubjectTypes.Public] : [SubjectTypes.Public, SubjectTypes.Pairwise]);
        WriteArray("id_token_signing_alg_values_supported", algorithms);
        WriteArray("userinfo_signing_alg_values_supported", algorithms);
        WriteArray("introspection_signing_alg_values_supported", algorithms); // RFC 9701 §7
        WriteArray("token_endpoint_auth_methods_supported", [.. authMethods, ClientAuthenticationMethods.None]);
        WriteArray("token_endpoint_auth_signing_alg_values_supported", assertionAlgorithms);
        WriteArray("revocation_endpoint_auth_methods_supported", [.. authMethods, ClientAuthenticationMethods.None]);
        WriteArray("revocation_endpoint_auth_signing_alg_values_supported", assertionAlgorithms);
        WriteArray("introspection_endpoint_auth_methods_supported", authMethods);
        WriteArray("introspection_endpoint_auth_signing_alg_values_supported", assertionAlgorithms);
        WriteArray("code_challenge_methods_supported", ["S256"]);
        WriteArray("dpop_signing_alg_values_supported", DPoPProofValidator.AcceptedAlgorithms); // RFC 9449 §5.1
        WriteArray("prompt_values_supported", [Prompts.None, Prompts.Login, Prompts.Consent, Prompts.SelectAccount]);
        WriteArray("acr_values_supported", [AuthenticationContexts.Password, AuthenticationContexts.SeveralFactors]);
        WriteArray("claim_types_supported", ["normal"]);
        WriteArray("claims_supported", [ClaimNames.Subject, ClaimNames.Issuer, ClaimNames.AuthTime, ClaimNames.Acr, ClaimNames.Amr, .. StandardClaims.All]);
        WriteArray("ui_locales_supported", ["es", "en"]);
        writer.WriteBoolean("backchannel_logout_supported", true);
        writer.WriteBoolean("backchannel_logout_session_supported", true);
        writer.WriteBoolean("frontchannel_logout_supported", true);
        writer.WriteBoolean("frontchannel_logout_session_supported", true);
        writer.WriteBoolean("claims_parameter_supported", true);
        writer.WriteBoolean("require_pushed_authorization_requests", options.RequirePushedAuthorizationRequests);
        writer.WriteBoolean("require_signed_request_object", options.RequireSignedRequestObject);
        writer.WriteBoolean("request_parameter_supported", true);
        writer.WriteBoolean("request_uri_parameter_supported", true);
        writer.WriteBoolean("require_request_uri_registration", true); // OIDC Discovery §3: not required when it is left out
        WriteArray("request_object_signing_alg_values_supported", Algorithms.Asymmetric); // requirement 42: always there, never none
        writer.WriteBoolean("authorization_response_iss_parameter_supported", true); // RFC 9207 §3

        void WriteArray(string name, IEnumerable<string> values)
        {
            writer.WriteStartArray(name);
            foreach (var value in values)
            {
                writer.WriteStringValue(value);
            }

            writer.WriteEndArray();
        }
    }

    private static string[] MethodsByCertificate(MutualTlsOptions? mutualTls) => mutualTls switch
    {
        null => [],
        { Authorities.Count: 0 } => [ClientAuthenticationMethods.SelfSignedTlsClientAuth],
        _ => [ClientAuthenticationMethods.TlsClientAuth, ClientAuthenticationMethods.SelfSignedTlsClientAuth],
    };

    // RFC 8705 §5: where clients authenticate or bring bound tokens.
    private static void WriteAliases(Utf8JsonWriter writer, string address)
    {
        writer.WriteStartObject("mtls_endpoint_aliases");
        writer.WriteString("pushed_authorization_request_endpoint", address + EndpointPaths.PushedAuthorization);
        writer.WriteString("token_endpoint", address + EndpointPaths.Token);
        writer.WriteString("userinfo_endpoint", address + EndpointPaths.UserInfo);
        writer.WriteString("revocation_endpoint", address + EndpointPaths.Revocation);
        writer.WriteString("introspection_endpoint", address + EndpointPaths.Introspect);
        writer.WriteString("device_authorization_endpoint", address + EndpointPaths.DeviceAuthorization);
        writer.WriteEndObject();
    }

    private void WriteJwks(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("keys");
        foreach (var key in keys.PublicKeys.Keys)
        {
            key.WriteTo(writer);
        }

        writer.WriteEndArray();
    }

    private static FinishedDocument Write(Action<Utf8JsonWriter> writeMembers)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writeMembers(writer);
        writer.WriteEndObject();
        writer.Flush();
        return new FinishedDocument(buffer.WrittenSpan.ToArray());
    }
}
