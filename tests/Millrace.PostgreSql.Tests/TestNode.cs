using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Testing;

namespace Millrace.PostgreSql.Tests;

/// <summary>An application with consumers that handle every event. Other nodes share the store.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    /// <summary>
    /// The duration of a lease. A node on a busy machine keeps its lease during a pause of a second or two.
    /// </summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(8);

    private readonly IHost _host;

    private TestNode(IHost host) => _host = host;

    public Consumers Consumers => _host.Services.GetRequiredService<Consumers>();

    /// <summary>Starts a node.</summary>
    /// <param name="configure">Configures the store and its options.</param>
    /// <param name="names">The names of the consumers.</param>
    /// <param name="handle">The handler, which receives the name of the consumer.</param>
    /// <param name="time">The clock of the node.</param>
    public static async Task<TestNode> Start(
        Action<PostgreSqlOptions> configure,
        string[] names,
        Action<string, RecordedEvent>? handle = null,
        TimeProvider? time = null)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = [] });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddMillrace(millrace =>
        {
            millrace.UsePostgreSql(configure).ConfigureConsumers(options =>
            {
                options.LeaseDuration = Lease;
                options.LookEvery = TimeSpan.FromMilliseconds(50);
            });
            foreach (var name in names)
            {
                millrace.AddConsumer(name, EventFilter.All, (recorded, _) =>
                {
                    handle?.Invoke(name, recorded);
                    return ValueTask.CompletedTask;
                });
            }
        });
        var host = builder.Build();
        await host.StartAsync();
        return new TestNode(host);
    }

    /// <summary>
    /// Waits until this node sees that the consumers are balanced across the nodes, and returns their status.
    /// </summary>
    public Task<IReadOnlyList<ConsumerStatus>> Shared(int nodes) => Eventually.Get(
        () => Consumers.List().AsTask(),
        all => all.All(status => status.Node is not null)
            && all.GroupBy(status => status.Node).Select(perNode => perNode.Count()).ToArray() is var shares
            && shares.Length == Math.Min(nodes, all.Count) && shares.Max() - shares.Min() <= 1);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}
