using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Millrace.Shared.Settings;

namespace Millrace.Hosting;

/// <summary>
/// Reads <see cref="BackupOptions"/> from the configuration section <c>Millrace:Backup</c>, which overrides the
/// application's code, and validates them.
/// </summary>
internal sealed class BackupSettings(IConfiguration? configuration)
    : IPostConfigureOptions<BackupOptions>, IValidateOptions<BackupOptions>
{
    public const string Section = $"{StoreSettings.Section}:Backup";

    public void PostConfigure(string? name, BackupOptions options)
    {
        if (configuration?.GetSection(Section) is not { } section)
            return;
        var settings = new Settings(section);
        settings.Read(nameof(options.Interval), options.Interval, value => options.Interval = value);
        settings.Read(
            nameof(options.TableCopyInterval), options.TableCopyInterval, value => options.TableCopyInterval = value);
        settings.Read(nameof(options.Retention), options.Retention, value => options.Retention = value);
        settings.Read(nameof(options.PlaceTimeout), options.PlaceTimeout, value => options.PlaceTimeout = value);
        settings.Read(nameof(options.ContinuedEpoch), options.ContinuedEpoch, value => options.ContinuedEpoch = value);
        settings.Read(nameof(options.Passphrase), options.Passphrase, value => options.Passphrase = value);
        settings.Read(
            nameof(options.TableCopySchedule), options.TableCopySchedule, value => options.TableCopySchedule = value);
        settings.ReadTimeZone(nameof(options.TimeZone), options.TimeZone, value => options.TimeZone = value);
        settings.Read(nameof(options.MaxChangeBytes), options.MaxChangeBytes, value => options.MaxChangeBytes = value);
        settings.RefuseOthers();
        settings.Finish(typeof(BackupOptions));
    }

    public ValidateOptionsResult Validate(string? name, BackupOptions options) =>
        SectionProblems.In(Section, options.Problems());
}
