using IdServer.Localization;
using IdServer.Protocol.Scopes;

namespace IdServer.Pages;

/// <summary>A scope in the reader's words: the configuration's, else our own, else its name.</summary>
public static class ScopeWords
{
    public static string TitleOf(this Texts texts, Scope scope)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(scope);
        return scope.Titles.GetValueOrDefault(Languages.Current) ?? texts.Find($"Scope.{scope.Name}") ?? scope.Titles.GetValueOrDefault("en") ?? scope.Name;
    }

    public static string? DetailOf(this Texts texts, Scope scope)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(scope);
        return scope.Titles.Count == 0 ? texts.Find($"Scope.{scope.Name}.Detail") : null;
    }
}
