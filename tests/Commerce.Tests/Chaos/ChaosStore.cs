using Commerce.Trust;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Servers;

namespace Commerce.Tests.Chaos;

/// <summary>A store of a run, which the test reads after the run.</summary>
/// <param name="Name">The display name.</param>
/// <param name="Address">The address of the store for the command line tool and for programs.</param>
/// <param name="Database">The connection string of the database, or null for a file.</param>
internal sealed record ChaosStore(string Name, string Address, string? Database)
{
    /// <summary>Gets the options of the shop with the keys of the store; null for a store without keys.</summary>
    public ShopOptions? Shop { get; init; }

    /// <summary>Creates a database and returns its store.</summary>
    public static async Task<ChaosStore> On(PostgreSqlServer server, string name)
    {
        var database = await server.CreateDatabase();
        return new ChaosStore(
            name, $"postgres://owner@127.0.0.1:{server.Port}/{database}", server.ConnectionString(database));
    }

    /// <summary>Opens the store without consumers.</summary>
    public async Task<IHost> Open<TModel>()
        where TModel : IModel
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace =>
        {
            _ = Database is { } database ? millrace.UsePostgreSql(database) : millrace.UseSqlite(Address);
            if (Shop is { } options)
                millrace.UseCustomerKeys(options, new ShopSecrets(options.SecretsFolder));
            millrace.AddModel<TModel>().ConfigureConsumers(all => all.IsEnabled = false);
        });
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}
