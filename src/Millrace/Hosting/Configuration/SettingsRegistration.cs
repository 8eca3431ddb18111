using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
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
            provider.GetService<IConfiguration>(), provider.GetServices<ISettingsGroup>)
        {
            IsReloadable = key => provider.GetServices<IReloadableSettings>().Any(one => one.Contains(key)),
        });
        services.AddSingleton<IHostedService>(static provider => new SettingsReloader(
            Find(provider),
            provider.GetServices<ISettingsGroup>,
            provider.GetServices<IReloadableSettings>,
            StoreServiceFactory.Loggers(provider).CreateLogger<SettingsReloader>()));
        services.AddTransient<IStartupValidator>(static provider => new ConfigurationValidator(provider));
    }

    /// <summary>Lets changes of settings take effect while the application runs.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="isReloadable">Returns whether a change of a setting takes effect.</param>
    /// <param name="prepare">Returns the action that applies new options.</param>
    public static void AddReload<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(
        this IServiceCollection services,
        Func<IServiceProvider, string, bool> isReloadable,
        Func<IServiceProvider, T, Action> prepare)
        where T : class =>
        services.AddSingleton<IReloadableSettings>(provider => new ReloadableSettings<T>(
            provider, key => isReloadable(provider, key), options => prepare(provider, options)));

    private static MillraceConfiguration Find(IServiceProvider provider) =>
        provider.GetRequiredService<MillraceConfiguration>();
}
