using System.Text;

namespace IdServer.ResourceServer;

/// <summary>A <c>WWW-Authenticate: Bearer</c> challenge (RFC 6750 §3).</summary>
/// <param name="Error">Null when the request carried no token (RFC 6750 §3.1).</param>
/// <param name="Description">Printable ASCII, for developers.</param>
/// <param name="Scope">The scopes the route needs, separated by spaces.</param>
public sealed record BearerChallenge(string? Error = null, string? Description = null, string? Scope = null)
{
    internal string ToHeader(string realm)
    {
        var header = new StringBuilder("Bearer");
        Append("realm", realm);
        Append("error", Error);
        Append("error_description", Description);
        Append("scope", Scope);
        return header.ToString();

        void Append(string name, string? value)
        {
            if (value is null)
            {
                return;
            }

            header.Append(header.Length == "Bearer".Length ? " " : ", ").Append(name).Append("=\"");
            foreach (var c in value)
            {
                header.Append(c is >= ' ' and <= '~' and not ('"' or '\\') ? c : '?'); // RFC 6750 §3; a role may be any text
            }

            header.Append('"');
        }
    }
}
