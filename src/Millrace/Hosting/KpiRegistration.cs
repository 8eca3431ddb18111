using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Millrace.Business;

namespace Millrace.Hosting;

/// <summary>Registers the reader of business figures.</summary>
internal static class KpiRegistration
{
    /// <summary>
    /// Registers <see cref="Kpis"/>. It reads the store of the scope in which it is created, which with tenants is that
    /// of the tenant.
    /// </summary>
    public static void Add(IServiceCollection services) => services.TryAddTransient(provider => new Kpis(
        new ReadModelKpiSource(provider, provider.GetRequiredService<ModelCatalog>().Kpis),
        provider.GetRequiredService<TimeProvider>()));
}
