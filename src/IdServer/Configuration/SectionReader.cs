using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace IdServer.Configuration;

/// <summary>
/// Reads a configuration section, which is all strings, into a record with the member names of its JSON. What does not fit is collected as a fault,
/// and reading goes on, so that the operator learns everything at once.
/// </summary>
internal sealed class SectionReader(ICollection<string> faults)
{
    /// <param name="label">Added to the place in faults, such as <c> (my-app)</c>.</param>
    /// <param name="besides">Members that are known although the record has none for them.</param>
    public T Read<T>(IConfigurationSection section, JsonTypeInfo<T> type, string label = "", params IReadOnlyList<string> besides)
        where T : class =>
        JsonSerializer.Deserialize(ReadObject(section, type, label, besides), type)!;

    /// <summary>Reads a list of objects, each with the place that its faults are reported at.</summary>
    /// <param name="idMember">The member that names an object in faults.</param>
    public IReadOnlyList<(string Where, T Value)> ReadList<T>(IConfigurationSection section, JsonTypeInfo<T> type, string idMember)
        where T : class
    {
        var read = new List<(string, T)>();
        if (!IsList(section))
        {
            faults.Add($"{section.Path} is not a list: write [ {{ \"{idMember}\": ... }} ].");
            return read;
        }

        foreach (var item in section.GetChildren())
        {
            var label = item[idMember] is { Length: > 0 } id ? $" ({id})" : "";
            read.Add((item.Path + label, Read(item, type, label)));
        }

        return read;
    }

    /// <summary>Reads an object of objects, each with the place that its faults are reported at and its name.</summary>
    public IReadOnlyList<(string Where, string Name, T Value)> ReadNamed<T>(IConfigurationSection section, JsonTypeInfo<T> type)
        where T : class
    {
        var children = section.GetChildren().ToArray();
        if (section.Value is { Length: > 0 } || (children.Length > 0 && IsList(section)))
        {
            faults.Add($"{section.Path} is not an object: write {{ \"Name\": {{ ... }} }}.");
            return [];
        }

        return [.. children.Select(child => (child.Path, child.Key, Read(child, type)))];
    }

    private static bool IsList(IConfigurationSection section) =>
        section.Value is null or "" && section.GetChildren().All(c => int.TryParse(c.Key, NumberStyles.None, CultureInfo.InvariantCulture, out _));

    private JsonObject ReadObject(IConfigurationSection section, JsonTypeInfo type, string label, IReadOnlyList<string> besides)
    {
        var read = new JsonObject();
        if (section.Value is { Length: > 0 })
        {
            faults.Add($"{section.Path}{label} is one text: write an object with the members {Names.List(type.Properties.Select(p => p.Name))}.");
        }

        foreach (var child in section.GetChildren())
        {
            var property = type.Properties.FirstOrDefault(p => p.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase)); // environment variables may come in capitals
            if (property is null)
            {
                if (!besides.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
                {
                    faults.Add($"{section.Path}{label}: {child.Key} is not known here: {Names.Suggest(child.Key, [.. type.Properties.Select(p => p.Name), .. besides])}");
                }

                continue;
            }

            var hasChildren = child.GetChildren().Any();
            if (child.Value is not null || hasChildren)
            {
                read[property.Name] = ReadValue(child, type, property, $"{section.Path}{label}: {property.Name}", label);
            }
        }

        return read;
    }

    private JsonNode? ReadValue(IConfigurationSection section, JsonTypeInfo owner, JsonPropertyInfo property, string where, string label)
    {
        var type = property.PropertyType;
        if (type == typeof(string))
        {
            return section.GetChildren().Any() && !(property.Name == "scope" && IsList(section)) // RFC 7591 §2 separates scopes by spaces; a list reads better in a file
                ? Fault($"{where} is a list or an object: write one text.")
                : section.Value ?? string.Join(' ', Texts(section, where));
        }

        if (type == typeof(bool?))
        {
            return bool.TryParse(section.Value, out var flag) ? flag : Fault($"{where} is \"{section.Value}\": write true or false.");
        }

        if (type == typeof(int?))
        {
            return int.TryParse(section.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : Fault($"{where} is \"{section.Value}\": write a whole number.");
        }

        if (type == typeof(IReadOnlyList<string>))
        {
            return IsList(section) ? new JsonArray([.. Texts(section, where).Select(t => (JsonNode)t)]) : Fault($"{where} is not a list: write [ \"{section.Value}\" ], or in an environment variable the name with __0 at its end.");
        }

        if (type == typeof(JsonElement?))
        {
            return ReadJson(section, where);
        }

        return ReadObject(section, owner.Options.GetTypeInfo(type), label, []);
    }

    private IEnumerable<string> Texts(IConfigurationSection list, string where)
    {
        foreach (var item in list.GetChildren())
        {
            if (item.Value is { } text)
            {
                yield return text;
            }
            else
            {
                faults.Add($"{where}:{item.Key} is not a text: write one text per entry.");
            }
        }
    }

    // A member that is any JSON, such as jwks: an object in a file, or JSON text in an environment variable.
    private JsonNode? ReadJson(IConfigurationSection section, string where)
    {
        var children = section.GetChildren().ToArray();
        if (children.Length == 0)
        {
            try
            {
                return JsonNode.Parse(section.Value!);
            }
            catch (JsonException)
            {
                return Fault($"{where} is not JSON: write an object.");
            }
        }

        return Raw(section);

        static JsonNode? Raw(IConfigurationSection part)
        {
            var parts = part.GetChildren().ToArray();
            return parts.Length == 0 ? part.Value
                : IsList(part) ? new JsonArray([.. parts.Select(Raw)])
                : new JsonObject(parts.Select(p => KeyValuePair.Create(p.Key, Raw(p))));
        }
    }

    private JsonNode? Fault(string sentence)
    {
        faults.Add(sentence);
        return null;
    }
}
