using System.Text;
using IdServer.Tokens.DPoP;
using IdServer.Tokens.Registries;

namespace IdServer.ResourceServer;

/// <summary>A <c>WWW-Authenticate</c> challenge (RFC 6750 §3), for the scheme <c>DPoP</c> with the algorithms of proofs (RFC 9449 §7.1).</summary>
/// <param name="Error">Null when the request carried no token (RFC 6750 §3.1).</param>
/// <param name="Description">Printable ASCII, for developers.</param>
/// <param name="Scope">The scopes the route needs, separated by spaces.</param>
public sealed record BearerChallenge(string? Error = null, string? Description = null, string? Scope = null)
{
    private static readonly string ProofAlgorithms = string.Join(' ', DPoPProofValidator.AcceptedAlgorithms);

    /// <param name="metadata">Address of the API's metadata (RFC 9728 §5.1), or null.</param>
    internal string ToHeader(TokenScheme scheme, string realm, string? metadata = null)
    {
        var name = scheme == TokenScheme.DPoP ? TokenTypes.DPoP : TokenTypes.Bearer;
        var header = new StringBuilder(name);
        Append("realm", realm);
        Append("error", Error);
        Append("error_description", Description);
        Append("scope", Scope);
        Append("resource_metadata", metadata);
        Append("algs", scheme == TokenScheme.DPoP ? ProofAlgorithms : null);
        return header.ToString();

        void Append(string parameter, string? value)
        {
            if (value is null)
            {
                return;
            }

            header.Append(header.Length == name.Length ? " " : ", ").Append(parameter).Append("=\"");
            foreach (var c in value)
            {
                header.Append(c is >= ' ' and <= '~' and not ('"' or '\\') ? c : '?'); // RFC 6750 §3; a role may be any text
            }

            header.Append('"');
        }
    }
}
