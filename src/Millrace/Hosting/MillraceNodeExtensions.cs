using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Millrace;
using Millrace.Hosting;
using Millrace.Hosting.Configuration;
using Millrace.Hosting.Nodes;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Extension methods that add the health and the drain of a node to an application.</summary>
public static class MillraceNodeExtensions
{
    private static readonly TimeSpan DefaultDelay = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Adds <see cref="NodeHealth"/>, and drains the node when the host stops. A web application uses
    /// <c>AddMillraceProbes</c> of Millrace.AspNetCore instead, which includes this. A second call only configures the
    /// options.
    /// </summary>
    /// <param name="services">The services of the application, which also uses <c>AddMillrace</c>.</param>
    /// <param name="configure">Sets the options. The configuration section <c>Millrace:Drain</c> overrides
    /// them.</param>
    public static IServiceCollection AddMillraceNodeHealth(
        this IServiceCollection services, Action<DrainOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (configure is not null)
            services.Configure(configure);
        if (services.Any(static service => service.ServiceType == typeof(NodeHealth)))
            return services;
        AddState(services);
        services.AddSettings<DrainOptions>();
        services.AddSingleton(provider => new DrainSettings(provider.GetService<MillraceConfiguration>()));
        services.AddSingleton<IPostConfigureOptions<DrainOptions>>(provider =>
            provider.GetRequiredService<DrainSettings>());
        services.AddSingleton<IValidateOptions<DrainOptions>>(provider =>
            provider.GetRequiredService<DrainSettings>());
        services.AddSingleton(provider => new StoreMonitor(
            () => NodeStore.Of(provider),
            provider.GetRequiredService<TimeProvider>(),
            StoreServiceFactory.Loggers(provider).CreateLogger<StoreMonitor>()));
        services.AddSingleton(provider => new NodeHealth(
            provider.GetRequiredService<NodeStart>(),
            provider.GetRequiredService<StoreMonitor>(),
            provider.GetRequiredService<NodeDrain>(),
            provider.GetService<IHostApplicationLifetime>()));
        services.AddSingleton<IHostedService>(provider => new NodeHost(
            provider.GetRequiredService<StoreMonitor>(),
            provider.GetRequiredService<NodeDrain>(),
            provider.GetRequiredService<TimeProvider>(),
            StoreServiceFactory.Loggers(provider).CreateLogger<NodeHost>()));
        return services;
    }

    /// <summary>Adds the state of the node that the hosts of stores report.</summary>
    internal static void AddState(IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<NodeStart>();
        services.TryAddSingleton(provider => new NodeDrain(
            provider.GetService<IHostApplicationLifetime>(), () => DelayOf(provider)));
    }

    private static TimeSpan DelayOf(IServiceProvider provider) =>
        provider.GetService<NodeHealth>() is null
            ? TimeSpan.Zero
            : provider.GetRequiredService<IOptions<DrainOptions>>().Value.Delay ?? DefaultDelayOf(provider);

    private static TimeSpan DefaultDelayOf(IServiceProvider provider) =>
        provider.GetService<IHostEnvironment>()?.IsDevelopment() == true ? TimeSpan.Zero : DefaultDelay;
}
