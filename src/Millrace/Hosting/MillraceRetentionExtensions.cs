using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Millrace.Hosting;
using Millrace.Hosting.Configuration;
using Millrace.Retention;
using Millrace.Store;

namespace Millrace;

/// <summary>Adds retention: policies that remove, archive or erase old data.</summary>
public static class MillraceRetentionExtensions
{
    /// <summary>
    /// Adds <see cref="RetentionService"/> with policies. Without policies, everything is kept. The configuration
    /// section <c>Millrace:Retention</c> overrides options other than policies.
    /// </summary>
    /// <remarks>
    /// The host does not start if an option is not valid, if a policy names an event type or a read model that does not
    /// exist, or if it removes event types that a read model reads without <see cref="RetentionPolicy.EvenIfReadBy"/>.
    /// </remarks>
    /// <param name="millrace">The builder.</param>
    /// <param name="configure">Adds policies and sets options.</param>
    public static MillraceBuilder AddRetention(this MillraceBuilder millrace, Action<RetentionOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        ArgumentNullException.ThrowIfNull(configure);
        var services = millrace.Services;
        services.Configure(configure);
        if (services.Any(service => service.ServiceType == typeof(RetentionService)))
            return millrace;
        services.AddSettings<RetentionOptions>();
        services.AddSingleton(provider => new RetentionOptionsSettings(provider, millrace));
        services.AddSingleton<IPostConfigureOptions<RetentionOptions>>(provider =>
            provider.GetRequiredService<RetentionOptionsSettings>());
        services.AddSingleton<IValidateOptions<RetentionOptions>>(provider =>
            provider.GetRequiredService<RetentionOptionsSettings>());
        services.AddSingleton(SettingsOf);
        services.AddTransient(provider => ServiceOf(provider, millrace));
        services.AddSingleton(provider => SchedulerOf(provider, millrace));
        services.AddSingleton<IStoreService>(provider => provider.GetRequiredService<RetentionScheduler>());
        CategoryCheck.Add(services);
        return millrace;
    }

    /// <summary>Keeps the scheduler of an application whose services of the store were replaced for tenants.</summary>
    internal static void AddSchedulerForTenants(IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(RetentionScheduler)))
            services.AddSingleton<IStoreService>(provider => provider.GetRequiredService<RetentionScheduler>());
    }

    private static RetentionSettings SettingsOf(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<RetentionOptions>>().Value;
        return new RetentionSettings
        {
            Declaration = provider.GetRequiredService<RetentionOptionsSettings>().DeclarationOf(options),
            StreamsPerSecond = options.StreamsPerSecond,
            ArchiveDirectory = options.ArchiveDirectory,
            AfterStep = options.AfterStep,
        };
    }

    private static RetentionService ServiceOf(IServiceProvider provider, MillraceBuilder millrace)
    {
        var scope = MillraceErasureExtensions.CreateScope(provider, millrace);
        var settings = provider.GetRequiredService<RetentionSettings>();
        return new RetentionService(
            scope, settings, new RetentionProcess(scope, settings, provider.GetService<Erasures>()));
    }

    private static RetentionScheduler SchedulerOf(IServiceProvider provider, MillraceBuilder millrace)
    {
        var options = provider.GetRequiredService<IOptions<RetentionOptions>>().Value;
        return new RetentionScheduler(
            millrace.HasTenants
                ? (action, cancellationToken) => ForEachTenant(provider, action, cancellationToken)
                : (action, cancellationToken) =>
                    action(provider.GetRequiredService<RetentionService>(), cancellationToken),
            options.Schedule,
            options.TimeZone,
            provider.GetRequiredService<TimeProvider>(),
            StoreServiceFactory.Loggers(provider).CreateLogger<RetentionScheduler>());
    }

    private static async Task ForEachTenant(
        IServiceProvider provider,
        Func<RetentionService, CancellationToken, Task> action,
        CancellationToken cancellationToken)
    {
        var tenants = provider.GetRequiredService<Tenants>();
        var failures = new List<MillraceException>();
        foreach (var tenant in await tenants.List(cancellationToken).ConfigureAwait(false))
        {
            try
            {
                var scope = await tenants.Enter(tenant, cancellationToken).ConfigureAwait(false);
                await using (scope.ConfigureAwait(false))
                    await action(scope.Services.GetRequiredService<RetentionService>(), cancellationToken)
                        .ConfigureAwait(false);
            }
            catch (TenantNotFoundException)
            {
                // It was removed since the list was read, or its creation was interrupted.
            }
            catch (MillraceException exception)
            {
                failures.Add(exception); // The other tenants do not wait for it.
            }
        }
        if (failures.Count > 0)
            throw failures[0];
    }
}
