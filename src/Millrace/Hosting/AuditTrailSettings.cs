using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Millrace.Shared.Settings;

namespace Millrace.Hosting;

/// <summary>
/// Reads <see cref="AuditTrailOptions"/> from the configuration section <c>Millrace:AuditTrail</c>, which overrides the
/// application's code.
/// </summary>
internal sealed class AuditTrailSettings(IConfiguration? configuration)
    : IPostConfigureOptions<AuditTrailOptions>, IValidateOptions<AuditTrailOptions>
{
    public const string Section = $"{StoreSettings.Section}:AuditTrail";

    public void PostConfigure(string? name, AuditTrailOptions options)
    {
        if (configuration?.GetSection(Section) is not { } section)
            return;
        var settings = new Settings(section);
        settings.Read(
            nameof(options.RecordsCommands), options.RecordsCommands, value => options.RecordsCommands = value);
        settings.Read(nameof(options.RecordsDenials), options.RecordsDenials, value => options.RecordsDenials = value);
        settings.Read(
            nameof(options.RecordsOperators), options.RecordsOperators, value => options.RecordsOperators = value);
        settings.Read(nameof(options.RecordsReads), options.RecordsReads, value => options.RecordsReads = value);
        settings.Read(nameof(options.RecordsKeys), options.RecordsKeys, value => options.RecordsKeys = value);
        settings.Read(
            nameof(options.RecordsConfiguration),
            options.RecordsConfiguration,
            value => options.RecordsConfiguration = value);
        settings.Read(nameof(options.RepeatInterval), options.RepeatInterval, value => options.RepeatInterval = value);
        settings.RefuseOthers();
        settings.Finish(typeof(AuditTrailOptions));
    }

    public ValidateOptionsResult Validate(string? name, AuditTrailOptions options) =>
        SectionProblems.In(Section, options.Problems());
}
