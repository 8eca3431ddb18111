using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Millrace.Hosting.Configuration;

/// <summary>Registers options that are read from the configuration, and validated when the host starts.</summary>
internal static class SettingsRegistration
{
    /// <summary>Adds options whose problems are reported together with those of all others.</summary>
    public static void AddSettings<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(
        this IServiceCollection services)
        where T : class, new()
    {
        services.AddOptions<T>().ValidateOnStart();
        AddConfiguration(services);
        services.AddSingleton<ISettingsGroup>(static provider => new SettingsGroup<T>(provider));
        services.AddSingleton<IValidateOptions<T>>(static provider => new DeferredProblems<T>(Find(provider)));
    }

    /// <summary>Adds the configuration, which records its settings, and the validation of the whole.</summary>
    private static void AddConfiguration(IServiceCollection services)
    {
        if (services.Any(static service => service.ServiceType == typeof(MillraceConfiguration)))
            return;
        services.AddSingleton(static provider => new MillraceConfiguration(
            provider.GetService<IConfiguration>(), provider.GetServices<ISettingsGroup>));
        services.AddTransient<IStartupValidator>(static provider => new ConfigurationValidator(provider));
    }

    private static MillraceConfiguration Find(IServiceProvider provider) =>
        provider.GetRequiredService<MillraceConfiguration>();
}
