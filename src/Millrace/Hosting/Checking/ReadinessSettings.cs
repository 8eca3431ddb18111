using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Millrace.Shared.Settings;

namespace Millrace.Hosting.Checking;

/// <summary>
/// Reads <see cref="ReadinessOptions"/> from the configuration section <c>Millrace:Readiness</c>, which overrides the
/// application's code, and validates them.
/// </summary>
internal sealed class ReadinessSettings(IConfiguration? configuration)
    : IPostConfigureOptions<ReadinessOptions>, IValidateOptions<ReadinessOptions>
{
    public const string Section = $"{StoreSettings.Section}:Readiness";

    private const string Accepted = "Accepted";

    public void PostConfigure(string? name, ReadinessOptions options)
    {
        if (configuration?.GetSection(Section) is not { } section)
            return;
        var settings = new Settings(section);
        settings.Read(nameof(options.MaxLag), options.MaxLag, value => options.MaxLag = value);
        foreach (var accepted in section.GetSection(Accepted).GetChildren())
            options.Accepted[accepted.Key] = accepted.Value ?? "";
        settings.RefuseOthersButSections(Accepted);
        settings.Finish(typeof(ReadinessOptions));
    }

    public ValidateOptionsResult Validate(string? name, ReadinessOptions options) =>
        SectionProblems.In(
            Section,
            options.Problems().Concat(
                from accepted in options.Accepted
                where string.IsNullOrWhiteSpace(accepted.Value)
                select $"{Accepted}:{accepted.Key}: give a reason."));
}
