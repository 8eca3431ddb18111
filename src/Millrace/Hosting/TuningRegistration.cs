using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Millrace.Consuming;
using Millrace.Queries;
using Millrace.Store;
using Millrace.Tuning;

namespace Millrace.Hosting;

/// <summary>Registers <see cref="Tuner"/>, which an application with one store has.</summary>
internal static class TuningRegistration
{
    private static readonly ServiceDescriptor TuningAsStoreService =
        ServiceDescriptor.Singleton<IStoreService>(provider => provider.GetRequiredService<TuningService>());

    public static void Add(IServiceCollection services)
    {
        if (services.Contains(TuningAsStoreService))
            return;
        services.TryAddSingleton(provider => new TuningService(
            provider.GetRequiredService<ConsumerHost>(),
            provider.GetService<QueryCache>(),
            StoreServiceFactory.Loggers(provider).CreateLogger<Tuner>()));
        services.TryAddSingleton(provider => new Tuner(provider.GetRequiredService<TuningService>()));
        services.Add(TuningAsStoreService);
    }
}
