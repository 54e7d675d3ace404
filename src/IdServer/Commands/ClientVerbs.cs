using System.CommandLine;
using System.Text.Json;
using IdServer.Configuration;
using IdServer.Data.Admin;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Issuance;
using IdServer.Tokens.Registries;

namespace IdServer.Commands;

/// <summary><c>clients add</c>, <c>list</c> and <c>remove</c>. A running server takes the change up by itself, within a second.</summary>
internal static class ClientVerbs
{
    public static Command New(Terminal terminal) => new("clients", "The registered clients.") { NewAdd(terminal), NewList(terminal), NewRemove(terminal), RegistrationTokenVerb.New(terminal) };

    private static Command NewAdd(Terminal terminal)
    {
        var clientId = new Argument<string?>("client_id") { Description = "1 to 200 printable characters; left out when --file has it.", Arity = ArgumentArity.ZeroOrOne };
        var file = new Option<FileInfo>("--file") { Description = "The client's metadata in the names of RFC 7591, as JSON. Other options win over it." };
        var name = new Option<string>("--name") { Description = "What people read on the consent page (client_name)." };
        var redirectUri = new Option<string[]>("--redirect-uri") { Description = "An address the client may be called back at, exactly; may be repeated." };
        var postLogoutUri = new Option<string[]>("--post-logout-redirect-uri") { Description = "An address to go to after signing out, exactly; may be repeated." };
        var grantType = new Option<string[]>("--grant-type") { Description = "authorization_code (default), refresh_token, client_credentials or password; may be repeated." };
        var scope = new Option<string[]>("--scope") { Description = "The scopes the client may ask for; may be repeated, or separated by spaces." };
        var method = new Option<string>("--auth-method") { Description = "client_secret_basic (default), client_secret_post, client_secret_jwt, private_key_jwt, tls_client_auth, self_signed_tls_client_auth or none." };
        var publicKey = new Option<FileInfo>("--public-key") { Description = "For private_key_jwt: the client's public key in PEM, EC on P-256 or RSA. More than one: jwks in --file." };
        var jwksUri = new Option<string>("--jwks-uri") { Description = "For private_key_jwt: the https address the client publishes its keys at." };
        var certificate = new Option<FileInfo>("--certificate") { Description = "For self_signed_tls_client_auth: the client's certificate in PEM. More than one: jwks in --file." };
        var certificateName = new Option<string>("--certificate-name") { Description = "For tls_client_auth: the name in its certificate, as dn:, dns:, uri:, ip: or email: and the name." };
        var isPublic = new Option<bool>("--public") { Description = "An app that cannot keep a secret: the same as --auth-method none." };
        var json = new Option<bool>("--json") { Description = "Print the registered client as JSON, the secret included." };
        var verb = new Command("add", "Registers a client, and prints its secret, once.") { clientId, file, name, redirectUri, postLogoutUri, grantType, scope, method, publicKey, jwksUri, certificate, certificateName, isPublic, json };
        verb.Does(terminal, async (parsed, services, ct) =>
        {
            var faults = new List<string>();
            var client = parsed.GetValue(file) is { } source ? ClientFiles.ReadMetadata(source, faults) : new ClientMetadata();
            client = client with
            {
                ClientId = parsed.GetValue(clientId) ?? client.ClientId,
                ClientName = parsed.GetValue(name) ?? client.ClientName,
                RedirectUris = Given(parsed.GetValue(redirectUri)) ?? client.RedirectUris,
                PostLogoutRedirectUris = Given(parsed.GetValue(postLogoutUri)) ?? client.PostLogoutRedirectUris,
                GrantTypes = Given(parsed.GetValue(grantType)) ?? client.GrantTypes,
                Scope = Given(parsed.GetValue(scope)) is { } scopes ? string.Join(' ', scopes) : client.Scope,
                Jwks = parsed.GetValue(publicKey) is { } pem ? ClientFiles.ReadKey(pem, faults) : parsed.GetValue(certificate) is { } crt ? ClientFiles.ReadCertificate(crt, faults) : client.Jwks,
                JwksUri = parsed.GetValue(jwksUri) ?? client.JwksUri,
                TokenEndpointAuthMethod = parsed.GetValue(isPublic) ? ClientAuthenticationMethods.None : parsed.GetValue(method) ?? client.TokenEndpointAuthMethod,
            };
            client = parsed.GetValue(certificateName) is { } certified ? ClientFiles.Named(client, certified, faults) : client;
            if (client.ClientSecret is null && ClientAuthenticationMethods.UsesSecret(client.TokenEndpointAuthMethod))
            {
                client = client with { ClientSecret = Handle.New(services.GetRequiredService<TimeProvider>()).Value };
            }

            var admin = services.GetRequiredService<ClientAdmin>();
            var settings = services.GetRequiredService<ServerSettings>();
            faults.AddRange(ClientMetadataRules.Check(client, s => settings.Scopes.Find(s) is not null, settings.Protocol.PairwiseKey is not null, settings.Protocol.MutualTls).Select(f => $"{f.Member} {f.Sentence}"));
            if ((await admin.ListAsync(ct)).Any(c => c.ClientId == client.ClientId))
            {
                faults.Add($"client_id is \"{client.ClientId}\", which is registered: write another one, or remove that client first.");
            }

            if (faults.Count > 0)
            {
                throw new ConfigurationFaultsException(faults);
            }

            await admin.UpsertAsync(client, client.ClientSecret, ct);
            await PrintAsync(terminal, client, parsed.GetValue(json));
            return CommandLine.Done;
        });
        return verb;
    }

    private static Command NewList(Terminal terminal)
    {
        var json = new Option<bool>("--json") { Description = "As JSON, in the names of RFC 7591." };
        var verb = new Command("list", "Every registered client, by client_id.") { json };
        verb.Does(terminal, async (parsed, services, ct) =>
        {
            var clients = await services.GetRequiredService<ClientAdmin>().ListAsync(ct);
            if (parsed.GetValue(json))
            {
                await JsonOutput.WriteAsync(terminal.Out, writer =>
                {
                    writer.WriteStartArray();
                    foreach (var client in clients)
                    {
                        JsonSerializer.Serialize(writer, client.Metadata, ClientMetadataJson.Default.ClientMetadata);
                    }

                    writer.WriteEndArray();
                });
            }
            else
            {
                await Table.WriteAsync(
                    terminal.Out,
                    ["CLIENT_ID", "NAME", "AUTHENTICATION", "GRANT_TYPES", "SCOPE"],
                    [.. clients.Select(c => new[] { c.ClientId, c.Name, c.TokenEndpointAuthMethod, string.Join(' ', c.GrantTypes.Order(StringComparer.Ordinal)), string.Join(' ', c.Scopes) })]);
            }

            return CommandLine.Done;
        });
        return verb;
    }

    private static Command NewRemove(Terminal terminal)
    {
        var clientId = new Argument<string>("client_id") { Description = "The client to remove." };
        var verb = new Command("remove", "Removes a client; its tokens and the consents given to it end with it.") { clientId };
        verb.Does(terminal, async (parsed, services, ct) =>
        {
            var id = parsed.GetValue(clientId)!;
            if (!await services.GetRequiredService<ClientAdmin>().RemoveAsync(id, ct))
            {
                await terminal.Error.WriteLineAsync($"client_id is \"{id}\", which is not registered: see \"clients list\".");
                return CommandLine.Failed;
            }

            await terminal.Out.WriteLineAsync($"The client {id} is removed, and its grants have ended.");
            if (services.GetRequiredService<ServerSettings>().Clients.Any(c => c.ClientId == id))
            {
                await terminal.Error.WriteLineAsync($"The configuration declares {id}: take it out of IdServer:Clients, or the next start registers it again.");
            }

            return CommandLine.Done;
        });
        return verb;
    }

    private static async Task PrintAsync(Terminal terminal, ClientMetadata client, bool asJson)
    {
        if (asJson)
        {
            await JsonOutput.WriteAsync(terminal.Out, writer => JsonSerializer.Serialize(writer, client, ClientMetadataJson.Default.ClientMetadata));
            return;
        }

        await terminal.Out.WriteLineAsync($"client_id: {client.ClientId}");
        if (client.ClientSecret is not null)
        {
            await terminal.Out.WriteLineAsync($"client_secret: {client.ClientSecret}");
            await terminal.Error.WriteLineAsync("Keep the secret now: nobody can show it again.");
        }
    }

    private static string[]? Given(string[]? values) => values is { Length: > 0 } ? values : null;
}
