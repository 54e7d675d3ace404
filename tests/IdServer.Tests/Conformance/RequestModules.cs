using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Conformance;

/// <summary>Table 1.1: requests that must not succeed, and unsigned request objects, which are never ignored.</summary>
public abstract class RequestModules(ConformanceServer server, string? responseMode) : OpModules(server, responseMode)
{
    [Fact]
    [Module("oidcc-response-type-missing")]
    [Spec("requirement", "4")]
    public async Task Oidcc_response_type_missing() =>
        Client.AssertRefused(await OpenAsync((Parameters.ResponseType, null)), ErrorCodes.InvalidRequest, ErrorCodes.UnsupportedResponseType);

    [Fact]
    [Module("oidcc-ensure-registered-redirect-uri")]
    [Spec("requirement", "5")]
    public async Task Oidcc_ensure_registered_redirect_uri()
    {
        var attempt = await OpenAsync((Parameters.RedirectUri, Client.Client.RedirectUri + "/unregistered"));

        attempt.Visit.AssertErrorPage(ErrorCodes.InvalidRequest, "redirect_uri does not match");
    }

    [Fact]
    [Module("oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported")]
    [Spec("requirement", "42")]
    public async Task Oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported() =>
        await RefusesAsync((Parameters.RequestUri, "https://suite.example/test/a/one/requesturi.jwt#q1"), ErrorCodes.InvalidRequestUri);

    [Fact]
    [Module("oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported")]
    [Spec("requirement", "19")]
    public async Task Oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported() =>
        await RefusesAsync((Parameters.Request, Unsigned(Client.Request())), ErrorCodes.InvalidRequestObject);

    [Fact]
    [Module("oidcc-ensure-request-object-with-redirect-uri")]
    [Spec("requirement", "19")]
    public async Task Oidcc_ensure_request_object_with_redirect_uri()
    {
        var attempt = await OpenAsync((Parameters.RedirectUri, Client.Client.RedirectUri + "/other"), (Parameters.Request, Unsigned(Client.Request())));

        attempt.Visit.AssertErrorPage(ErrorCodes.InvalidRequestObject, "not signed as it must be");
    }

    // The suite skips both modules of this kind where the published list lacks none; a server that lists it not must refuse it.
    private async Task RefusesAsync((string, string?) parameter, params string[] codes)
    {
        Assert.DoesNotContain("none", Client.Metadata.GetProperty("request_object_signing_alg_values_supported").EnumerateArray().Select(a => a.GetString()));

        Client.AssertRefused(await OpenAsync(parameter), codes);
    }

    private static string Unsigned(IReadOnlyDictionary<string, string> request) =>
        Base64Url.EncodeToString("""{"alg":"none"}"""u8) + "." + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(request))) + ".";
}

[Collection(Plans.Basic)]
[Plan(Plans.Basic)]
public sealed class BasicRequestModules(ConformanceServer server) : RequestModules(server, null);

[Collection(Plans.FormPost)]
[Plan(Plans.FormPost)]
public sealed class FormPostRequestModules(ConformanceServer server) : RequestModules(server, ResponseModes.FormPost);
