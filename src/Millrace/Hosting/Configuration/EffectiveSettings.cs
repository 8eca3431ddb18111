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

    /// <summary>Gets the settings at the start.</summary>
    public required InitialSettings Initial { get; init; }

    /// <summary>Gets the function that returns whether a change of a setting takes effect without a restart.</summary>
    public required Func<string, bool> IsReloadable { get; init; }

    /// <summary>Gets whether the present configuration was refused.</summary>
    public required bool HasProblems { get; init; }

    public IReadOnlyList<EffectiveSetting> Read()
    {
        var all = new SortedDictionary<string, EffectiveSetting>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, setting) in settings)
            all[key] = EffectOf(key, setting);
        AddOthers(all);
        AddLogLevels(all, configuration.GetSection(LogLevels));
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

    /// <summary>Adds the settings that no component has recorded. They have the values of the start.</summary>
    private void AddOthers(SortedDictionary<string, EffectiveSetting> all)
    {
        var present = configuration.GetSection(StoreSettings.Section).AsEnumerable()
            .Where(static setting => setting.Value is not null)
            .Select(static setting => setting.Key);
        foreach (var key in Initial.Keys.Union(present, StringComparer.OrdinalIgnoreCase))
        {
            if (!IsRecorded(key))
                all[key] = EffectOf(key, Initial.Find(key) ?? new RecordedSetting(null, null, null)) with
                {
                    IsRead = false,
                };
        }
    }

    /// <summary>Returns whether a component has recorded a setting, or the list that contains it.</summary>
    private bool IsRecorded(string key) =>
        settings.ContainsKey(key)
        || (key.LastIndexOf(':') is >= 0 and var end && settings.ContainsKey(key[..end]));

    private void AddLogLevels(SortedDictionary<string, EffectiveSetting> all, IConfigurationSection section)
    {
        foreach (var (key, value) in section.AsEnumerable())
        {
            if (value is not null)
                all[key] = new EffectiveSetting(
                    key,
                    SecretSettings.Masked(key, value),
                    SettingSources.Find(configuration, key) ?? RecordedSetting.Code)
                {
                    IsReloadable = true,
                };
        }
    }
}
