using System.Buffers;
using System.Text.Json;
using IdServer.Tokens.DPoP;
using Microsoft.AspNetCore.Http;

namespace IdServer.ResourceServer;

/// <summary>
/// What this API tells callers that do not know its authorization server (RFC 9728): a document at <c>/.well-known/oauth-protected-resource</c>, followed by the path of its
/// identifier, and its address in every 401. Only for an API whose identifier is an address.
/// </summary>
internal static class ProtectedResourceMetadata
{
    private const string WellKnown = "/.well-known/oauth-protected-resource";

    /// <summary>RFC 9728 §3: between host and path of the identifier; null when it is no https address (http on a loopback host) without a fragment.</summary>
    public static string? AddressOf(ResourceServerOptions options) => Resource(options) is { } resource ? resource.GetLeftPart(UriPartial.Authority) + PathOf(resource) + resource.Query : null;

    public static bool IsAskedFor(HttpRequest request, ResourceServerOptions options) =>
        request.Path.Value is { } path && path.StartsWith(WellKnown, StringComparison.Ordinal) && HttpMethods.IsGet(request.Method) && Resource(options) is { } resource
        && path == Uri.UnescapeDataString(PathOf(resource));

    /// <summary>RFC 9728 §2. Any page may read it.</summary>
    public static async Task WriteAsync(HttpContext context, ResourceServerOptions options)
    {
        var body = new ArrayBufferWriter<byte>();
        await using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            writer.WriteString("resource", options.Audience);
            WriteArray("authorization_servers", [options.Issuer]);
            if (options.Scopes.Count > 0)
            {
                WriteArray("scopes_supported", options.Scopes);
            }

            WriteArray("bearer_methods_supported", ["header"]);
            WriteArray("dpop_signing_alg_values_supported", DPoPProofValidator.AcceptedAlgorithms);
            writer.WriteBoolean("dpop_bound_access_tokens_required", options.RequireDPoP);
            writer.WriteEndObject();

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

        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "public, max-age=300";
        context.Response.Headers.AccessControlAllowOrigin = "*";
        await context.Response.Body.WriteAsync(body.WrittenMemory, context.RequestAborted);
    }

    private static Uri? Resource(ResourceServerOptions options) =>
        Uri.TryCreate(options.Audience, UriKind.Absolute, out var resource) && ResourceServerOptionsRules.IsSafe(resource) && resource.Fragment.Length == 0 ? resource : null;

    private static string PathOf(Uri resource) => WellKnown + (resource.AbsolutePath == "/" ? "" : resource.AbsolutePath);
}
