using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Millrace.Hosting.Configuration;
using Millrace.Monitoring;
using Millrace.Store;

namespace Millrace.Hosting;

/// <summary>Adds the log audit to an application, once.</summary>
internal static class LogAuditRegistration
{
    public static void Add(IServiceCollection services)
    {
        foreach (var service in services)
        {
            if (service.ServiceType == typeof(LogAudit))
                return;
        }
        services.AddSettings<LogAuditOptions>();
        services.AddSingleton(provider => new LogAuditSettings(provider.GetService<MillraceConfiguration>()));
        services.AddSingleton<IPostConfigureOptions<LogAuditOptions>>(provider =>
            provider.GetRequiredService<LogAuditSettings>());
        services.AddSingleton<IValidateOptions<LogAuditOptions>>(provider =>
            provider.GetRequiredService<LogAuditSettings>());
        services.AddSingleton(provider => CreateAuditor(provider, provider.GetRequiredService<EventStore>()));
        services.AddSingleton<IStoreService>(provider => provider.GetRequiredService<LogAuditor>());
        services.AddSingleton(provider => new LogAudit(provider.GetRequiredService<LogAuditor>()));
    }

    /// <summary>Creates the auditor of a store's log.</summary>
    public static LogAuditor CreateAuditor(IServiceProvider provider, EventStore store) => new(
        store,
        provider.GetRequiredService<IOptions<LogAuditOptions>>().Value,
        (provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger<LogAuditor>(),
        provider.GetService<IMeterFactory>());
}
