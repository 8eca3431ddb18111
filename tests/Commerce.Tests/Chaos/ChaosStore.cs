using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Servers;

namespace Commerce.Tests.Chaos;

/// <summary>A store of a run, to be read from outside.</summary>
/// <param name="Name">What is kept there, in a word.</param>
/// <param name="Address">Where it is, as the tool takes it and programs do.</param>
/// <param name="Database">Where it is, as a driver takes it; null for a file.</param>
internal sealed record ChaosStore(string Name, string Address, string? Database)
{
    /// <summary>Makes a database for it.</summary>
    public static async Task<ChaosStore> On(PostgreSqlServer server, string name)
    {
        var database = await server.CreateDatabase();
        return new ChaosStore(
            name, $"postgres://owner@127.0.0.1:{server.Port}/{database}", server.ConnectionString(database));
    }

    /// <summary>Opens it without working on it.</summary>
    public async Task<IHost> Open<TModel>()
        where TModel : IModel
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace =>
            (Database is { } database ? millrace.UsePostgreSql(database) : millrace.UseSqlite(Address))
                .AddModel<TModel>()
                .ConfigureConsumers(all => all.IsEnabled = false));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}
