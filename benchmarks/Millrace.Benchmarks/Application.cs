using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Storage;

namespace Millrace.Benchmarks;

/// <summary>Starts applications that are configured as in user code.</summary>
internal static class Application
{
    /// <summary>Starts an application on a storage, with the model of the events and the given additions.</summary>
    public static async Task<IHost> Start(
        IStorage storage, Action<ModelBuilder> addToModel, Action<MillraceBuilder>? configure = null)
    {
        var host = Build(storage, addToModel, configure);
        await host.StartAsync();
        return host;
    }

    /// <summary>Creates an application that the caller starts.</summary>
    public static IHost Build(
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
        return builder.Build();
    }
}
