namespace IdServer.Pages;

/// <summary>One labelled input, drawn by <c>_Field</c>. Its id is also its name, and no other page has it.</summary>
/// <param name="Autocomplete">A token of HTML's autofill vocabulary.</param>
/// <param name="Fault">What is wrong with the value, or null.</param>
public sealed record FormField(string Id, string Label, string Autocomplete, string? Value = null, string? Fault = null)
{
    public string Type { get; init; } = "text";

    public string? Hint { get; init; }

    /// <summary>HTML's <c>autocapitalize</c>: what an on-screen keyboard writes large.</summary>
    public string? Capitals { get; init; }

    /// <summary>HTML's <c>inputmode</c>: which on-screen keyboard comes up.</summary>
    public string? InputMode { get; init; }

    public bool IsRequired { get; init; } = true;

    public bool HasFocus { get; init; }

    /// <summary>Marks the field as wrong without a sentence of its own.</summary>
    public bool IsInvalid { get; init; }

    public int MaximumLength { get; init; } = 256;

    /// <summary>What can be chosen, instead of typed.</summary>
    public IReadOnlyList<FieldOption>? Options { get; init; }

    /// <summary>More than one for a text of several lines.</summary>
    public int Rows { get; init; } = 1;

    /// <summary>Something else on the page that belongs to this field, such as the summary of what went wrong.</summary>
    public string? DescribedBy { get; init; }

    public string? AriaInvalid => IsInvalid || Fault is not null ? "true" : null;

    public bool IsPassword => Type == "password";

    /// <summary>Whether the person chooses a password here, and is told how good it is.</summary>
    public bool IsNewPassword => Autocomplete == "new-password";

    public string? Descriptions
    {
        get
        {
            var ids = string.Join(' ', new[] { DescribedBy, Fault is null ? null : $"{Id}-fault", Hint is null ? null : $"{Id}-hint", IsNewPassword ? $"{Id}-strength" : null }.OfType<string>());
            return ids.Length == 0 ? null : ids;
        }
    }
}

/// <summary>One thing to choose.</summary>
/// <param name="Language">Of the words, where it is not the page's.</param>
public sealed record FieldOption(string Value, string Text, string? Language = null);
