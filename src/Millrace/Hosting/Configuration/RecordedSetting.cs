using Microsoft.Extensions.Configuration;

namespace Millrace.Hosting.Configuration;

/// <summary>A setting that was read, with the value that took effect.</summary>
/// <param name="CodeValue">The value without the configuration; null if there is none.</param>
/// <param name="Configured">The text in the configuration; null if it did not contain the setting.</param>
/// <param name="Source">The source of the text; null if there is none.</param>
internal sealed record RecordedSetting(string? CodeValue, string? Configured, string? Source)
{
    /// <summary>The source of values that the configuration does not contain.</summary>
    public const string Code = "code";

    public string? Value => Configured ?? CodeValue;

    public static RecordedSetting Of(IConfiguration configuration, string key, string? codeValue)
    {
        var text = TextOf(configuration, key);
        return new RecordedSetting(codeValue, text, text is null ? null : SettingSources.Find(configuration, key));
    }

    /// <summary>Returns the text of a setting or of a list; null if the configuration does not contain it.</summary>
    public static string? TextOf(IConfiguration configuration, string key)
    {
        var section = configuration.GetSection(key);
        if (section.Value is { Length: > 0 } text)
            return text;
        var elements = section.GetChildren().Select(static child => child.Value).OfType<string>().ToList();
        return elements.Count > 0 ? string.Join(", ", elements) : null;
    }
}
