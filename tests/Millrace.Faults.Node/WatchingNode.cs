using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Millrace.Faults;

/// <summary>
/// A node with a consumer that starts at the end of the log. A test kills the node right after its start.
/// </summary>
public static class WatchingNode
{
    /// <summary>
    /// The environment variable that selects this node. The value is the path of the file for handled events.
    /// </summary>
    public const string Variable = "MILLRACE_FAULTS_WATCHES";

    /// <summary>The name of the consumer.</summary>
    public const string Consumer = "watch";

    /// <summary>Configures an application with the consumer, which has three partitions.</summary>
    public static MillraceBuilder Configure(MillraceBuilder millrace, string address, Action<RecordedEvent> handle)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(handle);
        var isServer = address.StartsWith("postgres:", StringComparison.Ordinal);
        return (isServer ? millrace.UsePostgreSql(address) : millrace.UseSqlite(address))
            .AddModel<Ledger>()
            .ConfigureConsumers(options =>
            {
                options.LeaseDuration = TimeSpan.FromSeconds(2);
                options.LookEvery = TimeSpan.FromMilliseconds(100);
                options.Partitions[Consumer] = 3;
            })
            .AddConsumer(_ =>
                ConsumerDefinition
                    .Each(
                        Consumer,
                        EventFilter.OfTypes("account.deposited"),
                        (recorded, _) =>
                        {
                            handle(recorded);
                            return ValueTask.CompletedTask;
                        }
                    )
                    .ByKey(static recorded => recorded.Stream.Value)
                    .FromEnd());
    }

    internal static async Task Run(string address, string handledFile)
    {
        using var handled = new HandledFile(handledFile);
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = [] });
        builder.Logging.ClearProviders();
        builder.Services.AddMillrace(millrace => Configure(millrace, address, handled.Add));
        using var host = builder.Build();
        await host.StartAsync();
        await Console.Out.WriteLineAsync("READY");
        await host.WaitForShutdownAsync();
    }
}
