using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Millrace.Auditing;
using Millrace.Hosting;
using Millrace.Hosting.Access;
using Millrace.Hosting.Configuration;
using Millrace.Model;
using Millrace.Queries;
using Millrace.Store;

namespace Millrace;

/// <summary>Extension methods that record an audit trail.</summary>
public static class AuditBuilderExtensions
{
    /// <summary>
    /// Records an audit trail in the log: each command, each denied request, each answer with personal data or
    /// secrets, each change by an operator over HTTP, the use of data keys, and changes of settings, with the user, the
    /// resource, the result and the origin. Registers <see cref="IAuditTrail"/>, with which the application records
    /// further entries. The configuration section <c>Millrace:AuditTrail</c> overrides the options.
    /// </summary>
    /// <param name="millrace">The builder.</param>
    /// <param name="configure">Sets the options; null for the defaults.</param>
    public static MillraceBuilder AddAudit(
        this MillraceBuilder millrace, Action<AuditTrailOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        var services = millrace.Services;
        if (configure is not null)
            services.Configure(configure);
        foreach (var service in services)
        {
            if (service.ServiceType == typeof(IAuditTrail))
                return millrace;
        }
        services.AddSettings<AuditTrailOptions>();
        services.AddSingleton(provider => new AuditTrailSettings(provider.GetService<MillraceConfiguration>()));
        services.AddSingleton<IPostConfigureOptions<AuditTrailOptions>>(
            static provider => provider.GetRequiredService<AuditTrailSettings>());
        services.AddSingleton<IValidateOptions<AuditTrailOptions>>(
            static provider => provider.GetRequiredService<AuditTrailSettings>());
        services.AddSingleton<IValidateOptions<AuditTrailOptions>>(_ => new RequestUserCheck(services));
        AccessRegistration.AddRequestUsers(services);
        services.TryAddSingleton(provider => new MarkedReadModels(provider.GetRequiredService<ModelCatalog>()));
        services.AddTransient(provider =>
        {
            var queries = provider.GetRequiredService<QueryDispatcher>();
            return new AuditedReads(queries.Reads, queries.Users, provider);
        });
        services.TryAddSingleton(provider => new KeyUseLog(provider.GetRequiredService<TimeProvider>()));
        if (!millrace.HasTenants) // Otherwise each open tenant has its own.
            services.AddSingleton<IStoreService>(provider => AuditRegistration.CreateService(
                provider, millrace, provider.GetRequiredService<EventStore>(), tenant: ""));
        services.AddTransient<IAuditTrail>(provider => new AuditTrail(provider.GetRequiredService<EventStore>()));
        return millrace;
    }
}
