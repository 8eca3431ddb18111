using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Millrace.Shared.Settings;

namespace Millrace.Hosting;

/// <summary>
/// Reads <see cref="ArchiveOptions"/> from the configuration section <c>Millrace:Archive</c>, which overrides the
/// application's code, and validates them.
/// </summary>
internal sealed class ArchiveSettings(IConfiguration? configuration)
    : IPostConfigureOptions<ArchiveOptions>, IValidateOptions<ArchiveOptions>
{
    public const string Section = $"{StoreSettings.Section}:Archive";

    public void PostConfigure(string? name, ArchiveOptions options)
    {
        if (configuration?.GetSection(Section) is not { } section)
            return;
        var settings = new Settings(section);
        settings.Read(nameof(options.Address), options.Address, value => options.Address = value);
        settings.Read(nameof(options.CacheBytes), options.CacheBytes, value => options.CacheBytes = value);
        settings.Read(nameof(options.SegmentEvents), options.SegmentEvents, value => options.SegmentEvents = value);
        settings.Read(nameof(options.SegmentBytes), options.SegmentBytes, value => options.SegmentBytes = value);
        settings.RefuseOthers();
        settings.Finish(typeof(ArchiveOptions));
    }

    public ValidateOptionsResult Validate(string? name, ArchiveOptions options) =>
        SectionProblems.In(Section, options.Problems());
}
