using Microsoft.Extensions.Configuration;

namespace Millrace.Hosting.Configuration;

/// <summary>Compares the settings that were read with the present configuration.</summary>
internal sealed class EffectiveSettings(
    IConfiguration configuration, IReadOnlyDictionary<string, RecordedSetting> settings)
{
    private const string LogLevels = "Logging";
    private const string Default = "default";

    /// <summary>Gets the settings as they are without code.</summary>
    public required IReadOnlyDictionary<string, RecordedSetting> Defaults { get; init; }

    /// <summary>Gets the function that returns whether a change of a setting takes effect without a restart.</summary>
    public required Func<string, bool> IsReloadable { get; init; }

    /// <summary>Gets whether the present configuration was refused.</summary>
    public required bool HasProblems { get; init; }

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
        var effect = new EffectiveSetting(key, SecretSettings.Masked(key, setting.Value), SourceOf(key, setting))
        {
            IsReloadable = IsReloadable(key),
        };
        if (string.Equals(now, setting.Configured, StringComparison.Ordinal))
            return effect;
        return effect with
        {
            PendingValue = SecretSettings.Masked(key, now ?? setting.CodeValue) ?? "",
            PendingReason = !effect.IsReloadable ? "needs a restart"
                : HasProblems ? "was refused"
                : "is not applied yet",
        };
    }

    private string SourceOf(string key, RecordedSetting setting) =>
        setting.Source is { } source ? source
        : Defaults.TryGetValue(key, out var value) && value.CodeValue == setting.CodeValue ? Default
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
