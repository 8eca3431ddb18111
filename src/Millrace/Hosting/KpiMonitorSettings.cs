using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Millrace.Business;
using Millrace.Shared.Settings;

namespace Millrace.Hosting;

/// <summary>
/// Reads <see cref="KpiMonitorOptions"/> from the configuration section <c>Millrace:KpiMonitor</c>, which overrides the
/// application's code, and validates them with the channels.
/// </summary>
internal sealed class KpiMonitorSettings(IServiceProvider provider)
    : IPostConfigureOptions<KpiMonitorOptions>, IValidateOptions<KpiMonitorOptions>
{
    public const string Section = $"{StoreSettings.Section}:KpiMonitor";

    public void PostConfigure(string? name, KpiMonitorOptions options)
    {
        if (provider.GetService<MillraceConfiguration>()?.GetSection(Section) is { } section)
            Read(section, options);
    }

    public static void Read(IConfigurationSection section, KpiMonitorOptions options)
    {
        var settings = new Settings(section);
        settings.Read(nameof(options.Interval), options.Interval, value => options.Interval = value);
        settings.Read(nameof(options.LateEvents), options.LateEvents, value => options.LateEvents = value);
        settings.Read(nameof(options.MaxMembers), options.MaxMembers, value => options.MaxMembers = value);
        settings.ReadList(
            nameof(options.AlertChannels), options.AlertChannels, value => options.AlertChannels = value);
        settings.ReadList(
            nameof(options.ReportChannels), options.ReportChannels, value => options.ReportChannels = value);
        settings.ReadName(nameof(options.ReportDay), options.ReportDay, value => options.ReportDay = value);
        settings.Read(nameof(options.ReportHour), options.ReportHour, value => options.ReportHour = value);
        settings.ReadTimeZone(nameof(options.TimeZone), options.TimeZone, value => options.TimeZone = value);
        settings.RefuseOthers();
        settings.Finish(typeof(KpiMonitorOptions));
    }

    public ValidateOptionsResult Validate(string? name, KpiMonitorOptions options)
    {
        List<string> problems = [.. options.Problems()];
        if (problems.Count == 0 && options.AlertChannels.Count + options.ReportChannels.Count > 0)
            problems.AddRange(ChannelProblems(options));
        return SectionProblems.In(Section, problems);
    }

    /// <summary>Returns the options and channels of the application, which were validated.</summary>
    public static KpiMonitorSetup Build(KpiMonitorOptions options, IEnumerable<INotificationChannel> channels) => new(
        options.Copy(), channels.ToDictionary(static channel => channel.Name, StringComparer.Ordinal));

    private List<string> ChannelProblems(KpiMonitorOptions options)
    {
        List<INotificationChannel> channels;
#pragma warning disable CA1031 // The options of alerts report the error of a channel.
        try
        {
            channels = [.. provider.GetServices<INotificationChannel>()];
        }
        catch (Exception)
        {
            return [];
        }
#pragma warning restore CA1031
        var unknown = options.AlertChannels.Where(one => channels.All(channel => channel.Name != one))
            .Select(static one => $"AlertChannels: there is no channel '{one}'. Add it in UseAlerts.");
        var others = options.ReportChannels
            .Where(one => !channels.OfType<IReportChannel>().Any(channel => channel.Name == one))
            .Select(static one =>
                $"ReportChannels: there is no channel '{one}' that sends reports. Add it with AddMail in UseAlerts.");
        return [.. unknown, .. others];
    }
}
