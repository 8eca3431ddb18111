using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Testing;

namespace Millrace.Faults.Tests;

/// <summary>
/// Tests nodes in separate programs whose consumer starts at the end of the log. The test kills the nodes right after
/// their start.
/// </summary>
public sealed class StartAtEndKillTests : IDisposable
{
    private static readonly int Rounds = TestRun.IsLong ? 20 : 3;
    private const int Events = 30;
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(4);

    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-from-end-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Events_appended_after_the_start_of_a_killed_node_are_handled_on_SQLite()
    {
        for (var round = 0; round < Rounds; round++)
            await Check(Path.Combine(_directory, $"{round}.db"), round);
    }

    [PostgreSqlFact]
    public async Task Events_appended_after_the_start_of_killed_nodes_are_handled_on_PostgreSQL()
    {
        await using var server = await PostgreSqlServer.Start();
        for (var round = 0; round < Rounds; round++)
            await Check($"postgres://owner@127.0.0.1:{server.Port}/{await server.CreateDatabase()}", round, nodes: 2);
    }

    private async Task Check(string address, int round, int nodes = 1)
    {
        var file = Path.Combine(_directory, $"{round}-{nodes}.txt");
        using var writer = await Start(builder => WatchingNode.Configure(builder, address, static _ => { })
            .ConfigureConsumers(options => options.IsEnabled = false));
        var store = writer.Services.GetRequiredService<EventStore>();
        await Append(store, 5, 0);
        var watching = (WatchingNode.Variable, file);
        var killed = new List<SharingNode>();
        for (var i = 0; i < nodes; i++)
            killed.Add(await SharingNode.Start(address, writers: 0, seed: 0, watching));
        // In each round, the kill interrupts another action of the start of a node.
        await Pause.For(TimeSpan.FromMilliseconds(1 + (40 * round)));
        foreach (var node in killed)
            node.Kill();
        await Append(store, Events, 100);

        var handled = new ConcurrentQueue<(StreamId, long)>();
        using var next = await Start(builder =>
            WatchingNode.Configure(builder, address, recorded => handled.Enqueue((recorded.Stream, recorded.Version))));
        var expected = Enumerable
            .Range(100, Events)
            .Select(number => (StreamId.For("account", $"{number}"), 1L))
            .ToHashSet();

        await Eventually.Get(
            () => Task.FromResult(expected.Except(handled).Except(HandledFile.Read(file)).ToList()),
            static missed => missed.Count == 0,
            WaitTimeout);

        Assert.DoesNotContain(handled, recorded => !expected.Contains(recorded));
        await next.StopAsync();
        killed.ForEach(static node => node.Dispose());
    }

    private static async Task Append(EventStore store, int count, int from)
    {
        for (var number = from; number < from + count; number++)
        {
            var deposited = new Deposited($"{number}", Writer: 1, number, Amount: 1, Bucket: 1);
            await store.Append(StreamId.For("account", $"{number}"), ExpectedVersion.NoStream, [deposited]);
        }
    }

    private static async Task<IHost> Start(Action<MillraceBuilder> configure)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMillrace(configure);
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}
