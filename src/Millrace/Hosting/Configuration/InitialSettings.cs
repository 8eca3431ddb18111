using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;

namespace Millrace.Hosting.Configuration;

/// <summary>
/// The settings of the section <c>Millrace</c> at the start, among them those that components read without recording
/// them.
/// </summary>
internal sealed class InitialSettings
{
    private readonly ConcurrentDictionary<string, RecordedSetting> _settings = new(StringComparer.OrdinalIgnoreCase);

    public InitialSettings(IConfiguration configuration)
    {
        foreach (var (key, value) in configuration.GetSection(StoreSettings.Section).AsEnumerable())
        {
            if (value is not null)
                _settings[key] = RecordedSetting.Of(configuration, key, null);
        }
    }

    public ICollection<string> Keys => _settings.Keys;

    /// <summary>Returns a setting; null if the configuration did not contain it.</summary>
    public RecordedSetting? Find(string key) => _settings.GetValueOrDefault(key);

    /// <summary>Removes a setting whose removal took effect, with the elements of a list.</summary>
    public void Remove(string key)
    {
        foreach (var known in _settings.Keys)
        {
            if (known.Equals(key, StringComparison.OrdinalIgnoreCase)
                || known.StartsWith(key + ":", StringComparison.OrdinalIgnoreCase))
                _settings.TryRemove(known, out _);
        }
    }
}
