using System.Globalization;
using System.Resources;
using IdServer.Configuration;

namespace IdServer.Localization;

/// <summary>Every word a person reads, in the language of the current request. The keys are those of <c>Resources/Texts.resx</c>; an unknown one is a bug.</summary>
public sealed class Texts(BrandingSettings branding)
{
    private static readonly ResourceManager Words = new("IdServer.Resources.Texts", typeof(Texts).Assembly);

    public Texts()
        : this(new BrandingSettings())
    {
    }

    public Languages Languages => field ??= new(branding.Texts.Keys);

    public string this[string key] => Find(key) ?? throw new KeyNotFoundException($"Resources/Texts.resx has no \"{key}\".");

    public string this[string key, params object[] values] => string.Format(CultureInfo.CurrentCulture, this[key], values);

    /// <returns>Null when there is no such text: for keys made of a name that others choose.</returns>
    public string? Find(string key) =>
        branding.Texts.TryGetValue(Languages.Current, out var own) && own.TryGetValue(key, out var text) ? text : Words.GetString(key, CultureInfo.CurrentUICulture);

    /// <summary>A time to wait as people say it, rounded up.</summary>
    public string Duration(TimeSpan time) => Math.Ceiling(time.TotalSeconds) switch
    {
        <= 50 and var seconds => this["Duration.Seconds", Math.Max(10, Math.Ceiling(seconds / 10) * 10)],
        <= 60 => this["Duration.Minute"],
        <= 3540 and var seconds => this["Duration.Minutes", Math.Ceiling(seconds / 60)],
        <= 3600 => this["Duration.Hour"],
        var seconds => this["Duration.Hours", Math.Ceiling(seconds / 3600)],
    };

    /// <summary>The program's text in English; null when it has none.</summary>
    internal static string? OwnOf(string key) => Words.GetString(key, CultureInfo.InvariantCulture);
}
