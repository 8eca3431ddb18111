using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Millrace.Shared.Settings;

namespace Millrace.Hosting;

/// <summary>
/// Reads <see cref="ArchiveScheduleOptions"/> from the configuration section <c>Millrace:ArchiveSchedule</c>, which
/// overrides the application's code, and validates them.
/// </summary>
internal sealed class ArchiveScheduleSettings(IConfiguration? configuration)
    : IPostConfigureOptions<ArchiveScheduleOptions>, IValidateOptions<ArchiveScheduleOptions>
{
    public const string Section = $"{StoreSettings.Section}:ArchiveSchedule";

    public void PostConfigure(string? name, ArchiveScheduleOptions options)
    {
        if (configuration?.GetSection(Section) is not { } section)
            return;
        var settings = new Settings(section);
        settings.Read(nameof(options.Schedule), options.Schedule, value => options.Schedule = value);
        settings.Read(nameof(options.InactiveFor), options.InactiveFor, value => options.InactiveFor = value);
        settings.Read(nameof(options.IncludesClosed), options.IncludesClosed, value => options.IncludesClosed = value);
        settings.Read(nameof(options.Streams), options.Streams, value => options.Streams = value);
        settings.ReadTimeZone(nameof(options.TimeZone), options.TimeZone, value => options.TimeZone = value);
        settings.RefuseOthers();
        settings.Finish(typeof(ArchiveScheduleOptions));
    }

    public ValidateOptionsResult Validate(string? name, ArchiveScheduleOptions options) =>
        SectionProblems.In(Section, options.Problems());
}
