using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Millrace.Shared.Settings;

namespace Millrace.Hosting;

/// <summary>
/// Reads <see cref="MonitorOptions"/> from the configuration section <c>Millrace:Monitor</c>, which overrides the
/// application's code, and validates them.
/// </summary>
internal sealed class MonitorSettings(IConfiguration? configuration)
    : IPostConfigureOptions<MonitorOptions>, IValidateOptions<MonitorOptions>
{
    public const string Section = $"{StoreSettings.Section}:Monitor";

    private static readonly string[] Reloadable =
        [
            $"{Section}:{nameof(MonitorOptions.SampleInterval)}", $"{Section}:{nameof(MonitorOptions.MinuteRetention)}",
            $"{Section}:{nameof(MonitorOptions.HourRetention)}",
        ];

    /// <summary>Returns whether a change of a setting takes effect while the monitor runs.</summary>
    public static bool IsReloadable(string key) => Reloadable.Contains(key, StringComparer.OrdinalIgnoreCase);

    public void PostConfigure(string? name, MonitorOptions options)
    {
        if (configuration?.GetSection(Section) is not { } section)
            return;
        var settings = new Settings(section);
        settings.Read(nameof(options.Node), options.Node, value => options.Node = value);
        settings.Read(nameof(options.SampleInterval), options.SampleInterval, value => options.SampleInterval = value);
        settings.Read(
            nameof(options.MinuteRetention), options.MinuteRetention, value => options.MinuteRetention = value);
        settings.Read(nameof(options.HourRetention), options.HourRetention, value => options.HourRetention = value);
        settings.Read(nameof(options.MaxSeries), options.MaxSeries, value => options.MaxSeries = value);
        settings.RefuseOthers();
        settings.Finish(typeof(MonitorOptions));
    }

    public ValidateOptionsResult Validate(string? name, MonitorOptions options) =>
        SectionProblems.In(Section, options.Problems());
}
