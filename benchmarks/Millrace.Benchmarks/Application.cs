using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Storage;

namespace Millrace.Benchmarks;

/// <summary>An application on a store, configured as in user code.</summary>
internal static class Application
{
    /// <summary>Starts an application with the events and further parts of the model.</summary>
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
