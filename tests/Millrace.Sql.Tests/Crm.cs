using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Protection;
using Millrace.Storage;

namespace Millrace.Sql.Tests;

[Model]
public sealed partial class Crm;

[Event("customer.registered")]
public sealed record CustomerRegistered(
    string Customer,
    [PersonalData(Subject = nameof(Customer), SubjectType = "customer")] string Name,
    decimal Credit);

/// <summary>A customer with the marked name.</summary>
public sealed record CustomerView(
    string Customer, [PersonalData(Subject = nameof(Customer), SubjectType = "customer")] string Name, decimal Credit);

[Projection("customer-list", Version = 1)]
public sealed partial class CustomerProjection : Projection<string, CustomerView>
{
    public static string Key(CustomerRegistered registered) => registered.Customer;

    public static CustomerView Apply(CustomerView? customer, CustomerRegistered registered) =>
        new(registered.Customer, registered.Name, (customer?.Credit ?? 0) + registered.Credit);
}

/// <summary>An application with encrypted names, and with SQL.</summary>
internal sealed class CrmNode : IAsyncDisposable
{
    private static readonly InMemoryKeyStore Keys = new();
    private static readonly InMemoryMasterKey Master = new();

    private readonly IHost _host;

    private CrmNode(IHost host) => _host = host;

    public EventStore Store => _host.Services.GetRequiredService<EventStore>();

    public ISqlService Sql => _host.Services.GetRequiredService<ISqlService>();

    public IServiceProvider Services => _host.Services;

    public static async Task<CrmNode> Start(IStorage storage, Action<MillraceBuilder>? configure = null)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = [] });
        builder.Logging.ClearProviders();
        builder.Services.AddMillrace(millrace =>
        {
            millrace
                .UseStorage(_ => storage)
                .UseKeys(_ => Keys.OpenAnother(), keys => keys.MasterKey = Master)
                .AddModel<Crm>()
                .ConfigureConsumers(static consumers => consumers.LookEvery = TimeSpan.FromMilliseconds(20))
                .UseSql();
            configure?.Invoke(millrace);
        });
        var host = builder.Build();
        await host.StartAsync();
        return new CrmNode(host);
    }

    /// <summary>Registers a customer, and waits until the read model contains it.</summary>
    public async Task Register(string customer, string name, decimal credit)
    {
        await Store.Append(
            new StreamId("customer-" + customer),
            ExpectedVersion.Any,
            [new CustomerRegistered(customer, name, credit)]);
        await Testing.Eventually.Get(
            () => Rows($"SELECT key FROM model_customer_list WHERE key = '{customer}'"),
            static rows => rows.Length == 1);
    }

    public async Task<string[]> Rows(string statement) =>
        [
            .. (await Sql.Run(new SqlRequest(statement))).Rows
                .Select(static row => string.Join('|', row.Select(value => value ?? "NULL"))),
        ];

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}
