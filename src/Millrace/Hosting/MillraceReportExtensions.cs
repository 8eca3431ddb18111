using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Millrace.Hosting;
using Millrace.Reporting;
using Millrace.Store;

namespace Millrace;

/// <summary>Adds reports for auditors.</summary>
public static class MillraceReportExtensions
{
    /// <summary>
    /// Adds <see cref="Reports"/>. What the application declares is recorded in the log when it starts, or with tenants
    /// when a report is written. A second call adds to the declaration.
    /// </summary>
    /// <remarks>
    /// The host does not start if a separate duty names an unknown command, query, role or other name. It logs a
    /// warning for a financial category that neither the model nor a stream has.
    /// </remarks>
    /// <param name="millrace">The application.</param>
    /// <param name="configure">Declares processing activities, financial streams and separate duties.</param>
    public static MillraceBuilder AddReports(this MillraceBuilder millrace, Action<ReportsBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        ArgumentNullException.ThrowIfNull(configure);
        var services = millrace.Services;
        var existing = services.FirstOrDefault(service => service.ServiceType == typeof(ReportsBuilder));
        var builder = existing?.ImplementationInstance as ReportsBuilder ?? new ReportsBuilder();
        configure(builder);
        if (existing is not null)
            return millrace;
        services.AddSingleton(builder);
        services.AddSingleton(provider =>
            builder.Build(DataPlaces.Of(provider.GetRequiredService<ModelCatalog>())));
        services.AddTransient(provider => new Reports(
            provider.GetRequiredService<EventStore>(),
            provider.GetRequiredService<ReportDeclaration>(),
            builder.Evidence,
            StoreServiceFactory.IsRegistered(provider, typeof(IAuditTrail)),
            millrace.HasTenants ? provider.GetRequiredService<CurrentTenant>().Id.Value : ""));
        services.AddSingleton<IStoreService>(provider => new ReportDeclarer(provider.GetRequiredService<Reports>));
        services.AddSingleton<IValidateOptions<StoreOptions>>(provider => new DutyValidator(
            builder, provider.GetRequiredService<ModelCatalog>(), provider.GetService<AccessBuilder>()));
        CategoryCheck.Add(services);
        return millrace;
    }
}
