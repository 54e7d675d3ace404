using System.Net;
using System.Text.Json.Nodes;
using IdServer.Data.Admin;
using IdServer.Protocol.ClientAuthentication;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Issuance;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.ClientsThatSign;

/// <summary>A client of a running server that authenticates with assertions.</summary>
internal sealed class SigningClient(RunningServer server, ClientKeyPair pair, string clientId = "signer") : IDisposable
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>The same client at another node.</summary>
    public SigningClient At(RunningServer other) => new(other, pair, clientId);

    public async Task RegisterAsync(Func<ClientMetadata, ClientMetadata>? with = null)
    {
        var metadata = new ClientMetadata
        {
            ClientId = clientId,
            TokenEndpointAuthMethod = ClientAuthenticationMethods.PrivateKeyJwt,
            Jwks = ClientKeyPair.ElementOf(pair.Jwks),
            GrantTypes = [GrantTypes.ClientCredentials, GrantTypes.AuthorizationCode],
            RedirectUris = [Declared.RedirectUri],
            Scope = "articles.read",
        };
        await server.Provider.GetRequiredService<ClientAdmin>().UpsertAsync((with ?? (x => x))(metadata), null, Ct);
    }

    public string Assertion(params string[] audiences)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        return pair.Sign(new JsonObject
        {
            ["iss"] = clientId,
            ["sub"] = clientId,
            ["aud"] = audiences.Length == 0 ? server.Issuer : new JsonArray([.. audiences.Select(a => (JsonNode)a)]),
            ["jti"] = Handle.New(TimeProvider.System).Value,
            ["exp"] = now + 60,
        });
    }

    public Task<HttpResponseMessage> PostAsync(string path, string assertion, params (string Name, string Value)[] form) =>
        server.PostAsync(path, null, [(Parameters.ClientAssertionType, ClientAssertion.AssertionType), (Parameters.ClientAssertion, assertion), .. form]);

    public async Task<HttpStatusCode> TokenAsync(string? assertion = null)
    {
        using var response = await PostAsync("connect/token", assertion ?? Assertion(), (Parameters.GrantType, GrantTypes.ClientCredentials));
        return response.StatusCode;
    }

    public void Dispose() => pair.Dispose();
}
