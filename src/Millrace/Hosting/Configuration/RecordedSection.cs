using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace Millrace.Hosting.Configuration;

/// <summary>A section of the configuration that records which of its settings are read.</summary>
internal sealed class RecordedSection(MillraceConfiguration configuration, IConfigurationSection section)
    : IConfigurationSection, ISettingsRecorder
{
    public string Key => section.Key;

    public string Path => section.Path;

    public string? Value
    {
        get => section.Value;
        set => section.Value = value;
    }

    public string? this[string key]
    {
        get => section[key];
        set => section[key] = value;
    }

    public IConfigurationSection GetSection(string key) => new RecordedSection(configuration, section.GetSection(key));

    public IEnumerable<IConfigurationSection> GetChildren() =>
        section.GetChildren().Select(child => new RecordedSection(configuration, child));

    public IChangeToken GetReloadToken() => section.GetReloadToken();

    public void Record(string key, string? codeValue) => configuration.Record(key, codeValue);

    public bool TryDefer(Type options, IReadOnlyList<string> problems) => configuration.TryDefer(options, problems);
}
