using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Millrace.Shared.Settings;

namespace Millrace.Hosting;

/// <summary>
/// Reads <see cref="CapacityOptions"/> from the configuration section <c>Millrace:Capacity</c>, which overrides the
/// application's code, and validates them.
/// </summary>
internal sealed class CapacitySettings(IConfiguration? configuration)
    : IPostConfigureOptions<CapacityOptions>, IValidateOptions<CapacityOptions>
{
    public const string Section = $"{StoreSettings.Section}:Capacity";

    public void PostConfigure(string? name, CapacityOptions options)
    {
        if (configuration?.GetSection(Section) is not { } section)
            return;
        var settings = new Settings(section);
        settings.Read(nameof(options.MinNodes), options.MinNodes, value => options.MinNodes = value);
        settings.Read(nameof(options.MaxNodes), options.MaxNodes, value => options.MaxNodes = value);
        settings.Read(nameof(options.AddAbove), options.AddAbove, value => options.AddAbove = value);
        settings.Read(nameof(options.RemoveBelow), options.RemoveBelow, value => options.RemoveBelow = value);
        settings.Read(nameof(options.MaxLag), options.MaxLag, value => options.MaxLag = value);
        settings.Read(nameof(options.AddAfter), options.AddAfter, value => options.AddAfter = value);
        settings.Read(nameof(options.RemoveAfter), options.RemoveAfter, value => options.RemoveAfter = value);
        settings.Read(nameof(options.CoolDown), options.CoolDown, value => options.CoolDown = value);
        settings.Read(nameof(options.Interval), options.Interval, value => options.Interval = value);
        settings.Read(nameof(options.HookTimeout), options.HookTimeout, value => options.HookTimeout = value);
        settings.Read(nameof(options.IsDryRun), options.IsDryRun, value => options.IsDryRun = value);
        settings.RefuseOthers();
        settings.Finish(typeof(CapacityOptions));
    }

    public ValidateOptionsResult Validate(string? name, CapacityOptions options) =>
        SectionProblems.In(Section, options.Problems());
}
