using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Millrace.Shared.Settings;

namespace Millrace.Hosting;

/// <summary>
/// Reads the options of tenants from the configuration section <c>Millrace:Tenants</c>, which overrides the
/// application's code, and validates them.
/// </summary>
internal sealed class TenantSettings(IConfiguration? configuration)
    : IPostConfigureOptions<TenantOptions>, IValidateOptions<TenantOptions>
{
    public const string Section = $"{StoreSettings.Section}:Tenants";

    public void PostConfigure(string? name, TenantOptions options)
    {
        if (configuration?.GetSection(Section) is not { } section)
            return;
        var settings = new Settings(section);
        settings.Read(
            nameof(options.CreatesOnDemand), options.CreatesOnDemand, value => options.CreatesOnDemand = value);
        settings.Read(nameof(options.MaxOpen), options.MaxOpen, value => options.MaxOpen = value);
        settings.Read(nameof(options.IdleAfter), options.IdleAfter, value => options.IdleAfter = value);
        settings.Read(nameof(options.VisitEvery), options.VisitEvery, value => options.VisitEvery = value);
        settings.Read(nameof(options.VisitsAtOnce), options.VisitsAtOnce, value => options.VisitsAtOnce = value);
        settings.Read(nameof(options.EnterTimeout), options.EnterTimeout, value => options.EnterTimeout = value);
        settings.RefuseOthers();
        settings.Finish(typeof(TenantOptions));
    }

    public ValidateOptionsResult Validate(string? name, TenantOptions options) =>
        SectionProblems.In(Section, options.Problems());
}
