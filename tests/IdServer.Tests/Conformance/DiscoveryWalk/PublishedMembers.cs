using System.Text.Json;

namespace IdServer.Tests.Conformance.DiscoveryWalk;

/// <summary>How each member of the metadata is proved. A list is proved value by value.</summary>
internal static class PublishedMembers
{
    public static IReadOnlyDictionary<string, Func<Walk, JsonElement, Task>> Proofs { get; } = new Dictionary<string, Func<Walk, JsonElement, Task>>(StringComparer.Ordinal)
    {
        ["issuer"] = EndpointProofs.IssuerAsync,
        ["authorization_endpoint"] = EndpointProofs.AnswersAsync,
        ["pushed_authorization_request_endpoint"] = EndpointProofs.AnswersAsync,
        ["token_endpoint"] = EndpointProofs.AnswersAsync,
        ["userinfo_endpoint"] = EndpointProofs.AnswersAsync,
        ["revocation_endpoint"] = EndpointProofs.AnswersAsync,
        ["introspection_endpoint"] = EndpointProofs.AnswersAsync,
        ["end_session_endpoint"] = EndpointProofs.AnswersAsync,
        ["device_authorization_endpoint"] = EndpointProofs.AnswersAsync,
        ["registration_endpoint"] = EndpointProofs.AnswersAsync,
        ["client_id_metadata_document_supported"] = ClientProofs.IsItsDocumentAsync,
        ["jwks_uri"] = EndpointProofs.KeysAsync,

        ["grant_types_supported"] = Each(GrantProofs.IssuesAsync),
        ["token_endpoint_auth_methods_supported"] = Each(ClientProofs.AuthenticatesForTokensAsync),
        ["revocation_endpoint_auth_methods_supported"] = Each(ClientProofs.AuthenticatesForRevocationAsync),
        ["introspection_endpoint_auth_methods_supported"] = Each(ClientProofs.AuthenticatesForIntrospectionAsync),
        ["token_endpoint_auth_signing_alg_values_supported"] = Each(ClientProofs.SignsAssertionsAsync),
        ["revocation_endpoint_auth_signing_alg_values_supported"] = Each(ClientProofs.SignsAssertionsAsync),
        ["introspection_endpoint_auth_signing_alg_values_supported"] = Each(ClientProofs.SignsAssertionsAsync),
        ["dpop_signing_alg_values_supported"] = Each(ClientProofs.BindsToProofsAsync),
        ["subject_types_supported"] = Each(ClientProofs.SubjectAsync),
        ["id_token_signing_alg_values_supported"] = Each(ClientProofs.SignsIdTokensAsync),
        ["authorization_signing_alg_values_supported"] = Each(RequestProofs.SignsAnswersAsync),
        ["userinfo_signing_alg_values_supported"] = Each(ClientProofs.SignsUserInfoAsync),
        ["introspection_signing_alg_values_supported"] = Each(ClientProofs.SignsIntrospectionAsync),

        ["backchannel_logout_supported"] = LogoutProofs.TellsServersAsync,
        ["backchannel_logout_session_supported"] = LogoutProofs.TellsServersAsync,
        ["frontchannel_logout_supported"] = LogoutProofs.TellsBrowsersAsync,
        ["frontchannel_logout_session_supported"] = LogoutProofs.TellsBrowsersAsync,

        ["scopes_supported"] = Each(RequestProofs.GrantsScopeAsync),
        ["response_types_supported"] = Each(RequestProofs.AnswersResponseTypeAsync),
        ["response_modes_supported"] = Each(RequestProofs.AnswersByAsync),
        ["code_challenge_methods_supported"] = Each(RequestProofs.ChallengesAsync),
        ["prompt_values_supported"] = Each(RequestProofs.PromptsAsync),
        ["acr_values_supported"] = Each(RequestProofs.AuthenticatesAsAsync),
        ["claim_types_supported"] = Each(RequestProofs.ReturnsClaimTypeAsync),
        ["claims_supported"] = RequestProofs.ReturnsClaimsAsync,
        ["claims_parameter_supported"] = RequestProofs.ReadsClaimsParameterAsync,
        ["ui_locales_supported"] = Each(RequestProofs.SpeaksAsync),
        ["authorization_response_iss_parameter_supported"] = RequestProofs.NamesIssuerAsync,
        ["require_pushed_authorization_requests"] = RequestProofs.DemandsPushedRequestsAsync,
        ["require_signed_request_object"] = RequestProofs.DemandsSignedRequestsAsync,
        ["request_parameter_supported"] = RequestProofs.ReadsRequestObjectsAsync,
        ["request_uri_parameter_supported"] = RequestProofs.FetchesRequestObjectsAsync,
        ["require_request_uri_registration"] = RequestProofs.FetchesRegisteredOnesOnlyAsync,
        ["request_object_signing_alg_values_supported"] = Each(RequestProofs.VerifiesRequestObjectsAsync),
    };

    private static Func<Walk, JsonElement, Task> Each(Func<Walk, string, Task> proof) => async (walk, values) =>
    {
        foreach (var value in Walk.Values(values))
        {
            await proof(walk, value);
        }
    };
}
