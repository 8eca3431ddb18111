using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Millrace.Shared.Settings;

namespace Millrace.Hosting;

/// <summary>
/// Reads the log audit options from the configuration section <c>Millrace:Audit</c>, which overrides the application's
/// code, and validates them.
/// </summary>
internal sealed class LogAuditSettings(IConfiguration? configuration)
    : IPostConfigureOptions<LogAuditOptions>, IValidateOptions<LogAuditOptions>
{
    public const string Section = $"{StoreSettings.Section}:Audit";

    public void PostConfigure(string? name, LogAuditOptions options)
    {
        if (configuration?.GetSection(Section) is not { } section)
            return;
        var settings = new Settings(section);
        settings.Read(nameof(options.Every), options.Every, value => options.Every = value);
        settings.Read(
            nameof(options.MaxEventsPerLook), options.MaxEventsPerLook, value => options.MaxEventsPerLook = value);
        settings.Read(nameof(options.MaxStreams), options.MaxStreams, value => options.MaxStreams = value);
        settings.Read(nameof(options.LookBackEvery), options.LookBackEvery, value => options.LookBackEvery = value);
        settings.RefuseOthers();
        settings.Finish(typeof(LogAuditOptions));
    }

    public ValidateOptionsResult Validate(string? name, LogAuditOptions options) =>
        SectionProblems.In(Section, options.Problems());
}
