using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Millrace.Shared.Settings;

namespace Millrace.Hosting;

/// <summary>
/// Reads the options of shards from the configuration section <c>Millrace:Shards</c>, which overrides the application's
/// code, and validates them.
/// </summary>
internal sealed class ShardSettings(IConfiguration? configuration)
    : IPostConfigureOptions<ShardOptions>, IValidateOptions<ShardOptions>
{
    public const string Section = $"{StoreSettings.Section}:Shards";

    public void PostConfigure(string? name, ShardOptions options)
    {
        if (configuration?.GetSection(Section) is not { } section)
            return;
        var settings = new Settings(section);
        settings.Read(nameof(options.OpenTimeout), options.OpenTimeout, value => options.OpenTimeout = value);
        settings.Read(nameof(options.CheckEvery), options.CheckEvery, value => options.CheckEvery = value);
        settings.Read(nameof(options.CheckTimeout), options.CheckTimeout, value => options.CheckTimeout = value);
        settings.Read(nameof(options.MaxMovePause), options.MaxMovePause, value => options.MaxMovePause = value);
        settings.RefuseOthers();
        settings.Finish(typeof(ShardOptions));
    }

    public ValidateOptionsResult Validate(string? name, ShardOptions options) =>
        SectionProblems.In(Section, options.Problems());
}
