using Microsoft.Extensions.Configuration;

namespace Millrace.Hosting.Configuration;

/// <summary>Compares the settings that were read with the present configuration.</summary>
internal sealed class EffectiveSettings(
    IConfiguration configuration,
    IReadOnlyDictionary<string, RecordedSetting> settings,
    IReadOnlyDictionary<string, string?> defaults)
{
    private const string LogLevels = "Logging";
    private const string Default = "default";

    public IReadOnlyList<EffectiveSetting> Read()
    {
        var all = new SortedDictionary<string, EffectiveSetting>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, setting) in settings)
            all[key] = EffectOf(key, setting);
        AddOthers(all, configuration.GetSection(StoreSettings.Section), isRead: false);
        AddOthers(all, configuration.GetSection(LogLevels), isRead: true);
        return [.. all.Values];
    }

    private EffectiveSetting EffectOf(string key, RecordedSetting setting)
    {
        var now = RecordedSetting.TextOf(configuration, key);
        var effect = new EffectiveSetting(key, SecretSettings.Masked(key, setting.Value), SourceOf(key, setting));
        if (string.Equals(now, setting.Configured, StringComparison.Ordinal))
            return effect;
        return effect with
        {
            PendingValue = SecretSettings.Masked(key, now ?? setting.CodeValue) ?? "",
            PendingReason = "needs a restart",
        };
    }

    private string SourceOf(string key, RecordedSetting setting) =>
        setting.Source is { } source ? source
        : defaults.TryGetValue(key, out var value) && value == setting.CodeValue ? Default
        : setting.CodeValue is null ? Default
        : RecordedSetting.Code;

    /// <summary>Adds the configured settings of a section that no component has recorded.</summary>
    private void AddOthers(
        SortedDictionary<string, EffectiveSetting> all, IConfigurationSection section, bool isRead)
    {
        if (all.ContainsKey(section.Path))
            return; // The elements of a list.
        if (section.Value is { } value)
        {
            all[section.Path] = new EffectiveSetting(
                section.Path,
                SecretSettings.Masked(section.Path, value),
                SettingSources.Find(configuration, section.Path) ?? RecordedSetting.Code)
            {
                IsRead = isRead,
                IsReloadable = isRead,
            };
        }
        foreach (var child in section.GetChildren())
            AddOthers(all, child, isRead);
    }
}
