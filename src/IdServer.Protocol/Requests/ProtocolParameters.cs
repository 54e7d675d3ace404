using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace IdServer.Protocol.Requests;

/// <summary>
/// The parameters of one request, in the order they came, decoded. An empty value counts as absent (RFC 6749 §3.1), and a name that came twice
/// is remembered in <see cref="Repeated"/>, so that every endpoint can refuse it (RFC 6749 §3.1, §3.2; requirement 2).
/// </summary>
public sealed class ProtocolParameters
{
    private readonly List<KeyValuePair<string, string>> pairs = [];

    /// <summary>The first name that came more than once, or null. <c>resource</c> may legally repeat (RFC 8707 §2) and is never reported.</summary>
    public string? Repeated { get; private set; }

    public IReadOnlyList<KeyValuePair<string, string>> Pairs => pairs;

    public string? this[string name]
    {
        get
        {
            foreach (var pair in pairs)
            {
                if (pair.Key == name)
                {
                    return pair.Value.Length == 0 ? null : pair.Value;
                }
            }

            return null;
        }
    }

    /// <summary>Every value of a name that may legally repeat, in order; the empty ones are left out.</summary>
    public IReadOnlyList<string> All(string name)
    {
        List<string>? values = null;
        foreach (var pair in pairs)
        {
            if (pair.Key == name && pair.Value.Length > 0)
            {
                (values ??= []).Add(pair.Value);
            }
        }

        return values ?? (IReadOnlyList<string>)[];
    }

    public static ProtocolParameters Of(params ReadOnlySpan<(string Name, string Value)> pairs)
    {
        var parameters = new ProtocolParameters();
        foreach (var (name, value) in pairs)
        {
            parameters.Add(name, value);
        }

        return parameters;
    }

    public void Add(string name, string value)
    {
        if (Repeated is null && name != Tokens.Registries.Parameters.Resource && pairs.Exists(p => p.Key == name))
        {
            Repeated = name;
        }

        pairs.Add(new(name, value));
    }

    /// <summary>The same parameters without those of these names.</summary>
    public ProtocolParameters Without(params ReadOnlySpan<string> names)
    {
        var others = new ProtocolParameters();
        foreach (var (name, value) in pairs)
        {
            if (!names.Contains(name))
            {
                others.Add(name, value);
            }
        }

        return others;
    }

    /// <summary>Reads <c>application/x-www-form-urlencoded</c> text: a query without its question mark, or a form body.</summary>
    /// <returns>False when an escape is broken, the bytes are not UTF-8, or there are more than <see cref="FormUrlEncoding.MaximumPairs"/>.</returns>
    public static bool TryParse(ReadOnlySpan<byte> encoded, [NotNullWhen(true)] out ProtocolParameters? parameters) => FormUrlEncoding.TryParse(encoded, out parameters);

    /// <summary>The same parameters as form-urlencoded text, for an interaction that has to be kept.</summary>
    public string Encode()
    {
        var text = new StringBuilder();
        foreach (var (name, value) in pairs)
        {
            text.Append(text.Length == 0 ? "" : "&").Append(Uri.EscapeDataString(name)).Append('=').Append(Uri.EscapeDataString(value));
        }

        return text.ToString();
    }
}
