using Microsoft.Extensions.Options;

namespace Millrace.Hosting;

/// <summary>
/// Checks that the anchors of tenants with their own stores are separate: each log needs its own anchors.
/// </summary>
internal sealed class TenantSealSettings : IValidateOptions<SealOptions>
{
    public ValidateOptionsResult Validate(string? name, SealOptions options) =>
        SectionProblems.In(SealSettings.Section, Problems(options));

    private static IEnumerable<string> Problems(SealOptions options)
    {
        if (options.AnchorFile is { } file && !SealOptions.HasTenant(file))
            yield return $"AnchorFile: must contain {SealOptions.TenantPart}, because each tenant has its own store "
                + $"and log, but is '{file}'.";
        if (options.AnchorUrl is { } url && !SealOptions.HasTenant(url.OriginalString))
            yield return $"AnchorUrl: must contain {SealOptions.TenantPart}, because each tenant has its own store "
                + "and log.";
    }
}
