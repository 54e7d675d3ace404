using System.Globalization;
using System.Text.Json;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Options;
using IdServer.Protocol.Scopes;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Registration;

/// <summary>
/// What a client may say about itself: the members of the registry, under the rules that hold for every client, and of ours nothing. It asks people for consent, acts for them
/// only, and has no scope beyond those of <see cref="ClientRegistrationOptions"/>. Members nobody knows are ignored (RFC 7591 §2).
/// </summary>
public sealed class RegistrationPolicy(ProtocolOptions options, ScopeCatalog scopes, IDocumentFetcher fetcher)
{
    private const int LongestName = 100;
    private const int LongestSectorDocument = 32 * 1024;

    // What acts without a person, or in the place of one, the operator registers.
    private static readonly string[] OfferedGrantTypes = [GrantTypes.AuthorizationCode, GrantTypes.RefreshToken, GrantTypes.DeviceCode];

    /// <summary>The metadata to register, with every default written out.</summary>
    /// <param name="written">The request's JSON.</param>
    public ValueTask<OAuthResult<ClientMetadata>> ApplyAsync(JsonElement written, string clientId, CancellationToken ct) =>
        ApplyAsync(written, clientId, options.ClientRegistration ?? throw new InvalidOperationException("Registration is closed."), ClientAuthenticationMethods.ClientSecretBasic, ct); // RFC 7591 §2

    /// <param name="allowed">What it may have.</param>
    /// <param name="unwrittenMethod">How it authenticates when it does not say.</param>
    public async ValueTask<OAuthResult<ClientMetadata>> ApplyAsync(JsonElement written, string clientId, ClientRegistrationOptions allowed, string unwrittenMethod, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(allowed);
        if (!Read(written).TryGet(out var read, out var error))
        {
            return error;
        }

        var client = Complete(read, clientId, allowed, unwrittenMethod);
        foreach (var fault in OwnFaults(read, client).Concat(ClientMetadataRules.Check(client, scope => scopes.Find(scope) is not null, options.PairwiseKey is not null, options.MutualTls)))
        {
            return fault.Member == "redirect_uris" ? OAuthError.InvalidRedirectUri($"{fault.Member} {fault.Sentence}") : OAuthError.InvalidClientMetadata($"{fault.Member} {fault.Sentence}"); // RFC 7591 §3.2.2
        }

        // OIDC Registration §5
        return client.SectorIdentifierUri is { } sector && !await ListsAllAsync(new Uri(sector), client.RedirectUris ?? [], ct)
            ? OAuthError.InvalidClientMetadata("sector_identifier_uri could not be had, or is not a JSON array with every one of the redirect_uris.")
            : client;
    }

    private static OAuthResult<ClientMetadata> Read(JsonElement written)
    {
        if (written.ValueKind != JsonValueKind.Object)
        {
            return OAuthError.InvalidClientMetadata("The body is not a JSON object.");
        }

        if (written.TryGetProperty("software_statement", out _))
        {
            return OAuthError.UnapprovedSoftwareStatement();
        }

        foreach (var member in written.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Array && member.Value.EnumerateArray().Any(value => value.ValueKind == JsonValueKind.Null))
            {
                return OAuthError.InvalidClientMetadata($"{member.Name} holds null.");
            }
        }

        try
        {
            return written.Deserialize(ClientMetadataJson.Default.ClientMetadata)!;
        }
        catch (JsonException e)
        {
            return OAuthError.InvalidClientMetadata($"{e.Path?.TrimStart('$', '.')} has another JSON type than it must have.");
        }
    }

    // OIDC Registration §2: the defaults, written out so that the answer says them (requirement 45).
    private static ClientMetadata Complete(ClientMetadata read, string clientId, ClientRegistrationOptions registration, string unwrittenMethod)
    {
        var grants = read.GrantTypes ?? [GrantTypes.AuthorizationCode];
        var method = read.TokenEndpointAuthMethod ?? unwrittenMethod;
        return read with
        {
            ClientId = clientId,
            ClientSecret = null,
            ApplicationType = read.ApplicationType ?? "web",
            GrantTypes = grants,
            ResponseTypes = read.ResponseTypes ?? (grants.Contains(GrantTypes.AuthorizationCode) ? [ResponseTypes.Code] : []),
            TokenEndpointAuthMethod = method,
            Scope = ScopeOf(read, registration),
            IdTokenSignedResponseAlg = read.IdTokenSignedResponseAlg ?? Algorithms.RS256,
            SubjectType = read.SubjectType ?? SubjectTypes.Public,
            RequirePkce = registration.RequirePkce || method == ClientAuthenticationMethods.None ? null : false,
            RequireConsent = null,
            RequireIssuerAudience = null,
            ClientAssertionLifetime = null,
            RotateRefreshTokens = null,
            TokenExchangeModes = null,
            AccessTokenSignedResponseAlg = null,
            AccessTokenLifetime = null,
            IdTokenLifetime = null,
            RefreshTokenLifetime = null,
        };
    }

    // What is too much is left out, and the answer says what remains (RFC 7591 §3.2.1).
    private static string ScopeOf(ClientMetadata read, ClientRegistrationOptions registration) =>
        string.Join(' ', read.Scope is { } asked ? registration.Scopes.Intersect(asked.Split(' ', StringSplitOptions.RemoveEmptyEntries), StringComparer.Ordinal) : registration.Scopes);

    private static IEnumerable<MetadataFault> OwnFaults(ClientMetadata read, ClientMetadata client)
    {
        foreach (var grant in client.GrantTypes!.Where(grant => !OfferedGrantTypes.Contains(grant)))
        {
            yield return new("grant_types", $"holds {grant}: a client that registers itself may have {string.Join(", ", OfferedGrantTypes)}.");
        }

        if (client.Scope!.Length == 0 && read.Scope is { Length: > 0 })
        {
            yield return new("scope", "holds none that a client may have that registers itself: leave it out to get all of those.");
        }

        // People read it beside the question whether they trust it.
        if (client.ClientName is { } name && (name.Length > LongestName || string.IsNullOrWhiteSpace(name) || name.Any(c => char.IsControl(c) || char.IsSurrogate(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)))
        {
            yield return new("client_name", $"is empty, longer than {LongestName} characters, or holds characters that cannot be seen: write a plain name.");
        }
    }

    private async ValueTask<bool> ListsAllAsync(Uri address, IReadOnlyList<string> redirectUris, CancellationToken ct)
    {
        if (await fetcher.FetchAsync(address, LongestSectorDocument, ct) is not { } body)
        {
            return false;
        }

        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Array
                && redirectUris.All(uri => document.RootElement.EnumerateArray().Any(listed => listed.ValueKind == JsonValueKind.String && listed.ValueEquals(uri)));
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
