using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Millrace.Shared.Settings;

namespace Millrace.Hosting;

/// <summary>
/// Reads <see cref="SealOptions"/> from the configuration section <c>Millrace:Seals</c>, which overrides the
/// application's code, and validates them.
/// </summary>
internal sealed class SealSettings(IConfiguration? configuration)
    : IPostConfigureOptions<SealOptions>, IValidateOptions<SealOptions>
{
    public const string Section = $"{StoreSettings.Section}:Seals";

    public void PostConfigure(string? name, SealOptions options)
    {
        if (configuration?.GetSection(Section) is not { } section)
            return;
        var settings = new Settings(section);
        settings.Read(nameof(options.KeyFile), options.KeyFile, value => options.KeyFile = value);
        settings.Read(nameof(options.Passphrase), options.Passphrase, value => options.Passphrase = value);
        settings.Read(nameof(options.Interval), options.Interval, value => options.Interval = value);
        settings.Read(nameof(options.MinEvents), options.MinEvents, value => options.MinEvents = value);
        settings.Read(nameof(options.AnchorFile), options.AnchorFile, value => options.AnchorFile = value);
        settings.ReadAddress(nameof(options.AnchorUrl), options.AnchorUrl, value => options.AnchorUrl = value);
        settings.Read(nameof(options.AnchorTimeout), options.AnchorTimeout, value => options.AnchorTimeout = value);
        settings.RefuseOthers();
        settings.Finish(typeof(SealOptions));
    }

    public ValidateOptionsResult Validate(string? name, SealOptions options) =>
        SectionProblems.In(Section, options.Problems().Concat(ProblemsOfFolder(options)));

    /// <summary>
    /// Checks the folder of the anchors when the application starts. Later, the consumer waits until it is available.
    /// </summary>
    private static IEnumerable<string> ProblemsOfFolder(SealOptions options)
    {
        if (!string.IsNullOrWhiteSpace(options.AnchorFile)
            && Path.GetDirectoryName(Path.GetFullPath(options.AnchorFile)) is { } folder
            && !Directory.Exists(folder))
            yield return $"AnchorFile: the folder '{folder}' does not exist. Create it, or mount it.";
    }
}
