using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Millrace.Shared.Settings;

namespace Millrace.Hosting.Nodes;

/// <summary>
/// Reads the drain options from the configuration section <c>Millrace:Drain</c>, which overrides the application's
/// code, and validates them.
/// </summary>
internal sealed class DrainSettings(IConfiguration? configuration)
    : IPostConfigureOptions<DrainOptions>, IValidateOptions<DrainOptions>
{
    public const string Section = $"{StoreSettings.Section}:Drain";

    public void PostConfigure(string? name, DrainOptions options)
    {
        if (configuration?.GetSection(Section) is not { } section)
            return;
        var settings = new Settings(section);
        settings.Read(nameof(options.Delay), options.Delay, value => options.Delay = value);
        settings.RefuseOthers();
        settings.Finish(typeof(DrainOptions));
    }

    public ValidateOptionsResult Validate(string? name, DrainOptions options) =>
        SectionProblems.In(Section, options.Problems());
}
