using System.Security.Cryptography;
using System.Text;
using IdServer.Tokens.AccessTokens;
using IdServer.Tokens.DPoP;
using IdServer.Tokens.MutualTls;
using IdServer.Tokens.Registries;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Options;

namespace IdServer.ResourceServer;

/// <summary>Proofs of possession of this API's callers, by key (RFC 9449 §7) and by certificate (RFC 8705 §3). A proof that is refused ends nothing.</summary>
internal sealed class RequestProofs
{
    private readonly IOptionsMonitor<ResourceServerOptions> options;
    private readonly DPoPProofValidator validator;
    private readonly DPoPNonces nonces;
    private readonly byte[] ownSecret = RandomNumberGenerator.GetBytes(HMACSHA256.HashSizeInBytes);

    public RequestProofs(IOptionsMonitor<ResourceServerOptions> options, DPoPProofValidator validator, TimeProvider time)
    {
        this.options = options;
        this.validator = validator;
        nonces = new DPoPNonces(NonceKey, time);
    }

    private ResourceServerOptions Settings => options.Get(ResourceServerServices.Scheme);

    /// <summary>The nonce that the next proof must carry, or null where none is demanded.</summary>
    public string? NextNonce => Settings.RequireDPoPNonce ? nonces.Current : null;

    /// <param name="key">Thumbprint of the key that the token is bound to.</param>
    /// <returns>Null when the request has a good proof by that key.</returns>
    public async ValueTask<ApiError?> CheckAsync(HttpRequest request, string token, string key, CancellationToken ct)
    {
        if (request.Headers[HeaderNames.DPoP] is not { Count: > 0 } header)
        {
            return ProofErrors.Missing;
        }

        var settings = Settings;
        var outcome = await validator.ValidateAsync(header.ToString(), new DPoPRequest(request.Method, AddressOf(request, settings), token, settings.RequireDPoPNonce ? nonces : null), ct);
        return outcome.Proof is null ? ProofErrors.Of(outcome) : outcome.Proof.KeyThumbprint != key ? ProofErrors.OtherKey : null;
    }

    /// <returns>Null when the token is bound to no certificate, or to that of the request (RFC 8705 §3).</returns>
    public ApiError? CheckCertificate(HttpContext context, Confirmation? confirmation)
    {
        if (confirmation?.Certificate is not { } expected)
        {
            return null;
        }

        return Settings.ClientCertificate(context) is not { } certificate ? ProofErrors.CertificateMissing
            : CertificateThumbprint.Of(certificate) != expected ? ProofErrors.OtherCertificate
            : null;
    }

    private static string AddressOf(HttpRequest request, ResourceServerOptions settings) => settings.PublicUrl is { } known
        ? known + request.Path.ToUriComponent()
        : UriHelper.BuildAbsolute(request.Scheme, request.Host, request.PathBase, request.Path);

    private byte[] NonceKey() => Settings.DPoPNonceSecret is { } shared ? SHA256.HashData(Encoding.UTF8.GetBytes(shared)) : ownSecret;
}
