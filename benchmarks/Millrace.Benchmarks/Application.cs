using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Storage;

namespace Millrace.Benchmarks;

/// <summary>An application on a store, as users set it up.</summary>
internal static class Application
{
    /// <summary>Starts an application with the events and whatever else is added to its model.</summary>
    public static async Task<IHost> Start(
        IStorage storage, Action<ModelBuilder> addToModel, Action<MillraceBuilder>? configure = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace =>
        {
            millrace
                .UseStorage(_ => storage)
                .AddModel<Formats>()
                .AddModel(addToModel);
            configure?.Invoke(millrace);
        });
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}
