using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Millrace.Hosting.Checking;
using Millrace.Hosting.Configuration;

namespace Millrace;

/// <summary>Extension methods for the readiness check.</summary>
public static class MillraceReadinessExtensions
{
    /// <summary>
    /// Sets the options of <see cref="Readiness"/>, which every application has. The configuration section
    /// <c>Millrace:Readiness</c> overrides them.
    /// </summary>
    /// <param name="millrace">The builder.</param>
    /// <param name="configure">Sets the options.</param>
    public static MillraceBuilder ConfigureReadiness(
        this MillraceBuilder millrace, Action<ReadinessOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        ArgumentNullException.ThrowIfNull(configure);
        millrace.Services.Configure(configure);
        return millrace;
    }

    /// <summary>Adds the readiness check with the questions of Millrace.</summary>
    internal static void Add(IServiceCollection services, MillraceBuilder builder)
    {
        services.AddSettings<ReadinessOptions>();
        services.AddSingleton<IPostConfigureOptions<ReadinessOptions>>(provider =>
            new ReadinessSettings(provider.GetService<MillraceConfiguration>()));
        services.AddSingleton<IValidateOptions<ReadinessOptions>>(provider =>
            new ReadinessSettings(provider.GetService<MillraceConfiguration>()));
        services.AddTransient(provider => new Readiness(provider));
        services.AddTransient<IReadinessCheck>(provider => new ModelReadiness(
            provider.GetRequiredService<ModelCatalog>(), provider.GetRequiredService<UnmarkedMembers>()));
        services.AddTransient<IReadinessCheck>(provider => new StoreReadiness(provider));
        services.AddTransient<IReadinessCheck>(provider => new BackupReadiness(provider));
        services.AddTransient<IReadinessCheck>(provider => new WorkReadiness(provider, builder));
        services.AddTransient<IReadinessCheck>(provider => new ServiceReadiness(provider));
    }
}
