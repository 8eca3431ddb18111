using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Scenarios;
using Millrace.PostgreSql;

namespace Millrace.Benchmarks.PostgreSql;

/// <summary>The work of one of several nodes that send commands to the same aggregates.</summary>
/// <param name="Node">The number of the node, from 0.</param>
/// <param name="Nodes">The number of nodes.</param>
/// <param name="Seconds">The duration.</param>
/// <param name="Port">The port at which the node receives commands over Orleans; 0 to handle all commands where they
/// are sent.</param>
internal sealed record DecidingWork(int Node, int Nodes, int Seconds, int Port);

/// <summary>A node that sends commands to random aggregates.</summary>
internal static class DecidingNode
{
    public const int Senders = 32;
    public const int Aggregates = 1_000;

    /// <summary>
    /// Loads its part of the aggregates, waits for the start signal, sends commands for some seconds, and writes the
    /// number of commands per second, of failed commands, and the processor time per command. The same time before is
    /// not measured, because the runtime still compiles then.
    /// </summary>
    public static async Task Run(PostgreSqlStorage storage, string cluster, TextReader input, DecidingWork work)
    {
        using var host = await Application.Start(
            storage,
            model => model.Aggregate(Basket.Definition).Command(AddLine.Definition).Json(DataJson.Default),
            millrace =>
            {
                if (work.Port > 0)
                    millrace.UseOrleans(
                        Environment.GetEnvironmentVariable(NodeProcess.AddressVariable),
                        options => (options.Port, options.Host, options.Cluster)
                            = (work.Port, "127.0.0.1", cluster));
            });
        var bus = host.Services.GetRequiredService<ICommandBus>();
        Console.WriteLine(BenchNode.Ready);
        if (await input.ReadLineAsync() != BenchNode.Go)
            return;
        for (var key = work.Node; key < Aggregates; key += work.Nodes)
            await CommandScenario.Send(bus, key);
        Console.WriteLine(BenchNode.Ready);
        if (await input.ReadLineAsync() != BenchNode.Go)
            return;
        Console.WriteLine(await Measure(bus, work));
        await input.ReadLineAsync(); // The other nodes are also done.
        await host.StopAsync();
    }

    private static async Task<string> Measure(ICommandBus bus, DecidingWork work)
    {
        var (handled, failed) = (0L, 0L);
        var limit = TimeSpan.FromSeconds(work.Seconds);
        await SendAll();
        (handled, failed) = (0, 0);
        var processor = Environment.CpuUsage.TotalTime;
        var started = Stopwatch.GetTimestamp();
        await SendAll();
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var microseconds = (Environment.CpuUsage.TotalTime - processor).TotalMicroseconds / Math.Max(1, handled);
        return string.Create(CultureInfo.InvariantCulture, $"{handled / seconds} {failed} {microseconds}");

        Task SendAll()
        {
            var start = Stopwatch.GetTimestamp();
            return Task.WhenAll(Enumerable.Range(0, Senders)
                .Where(sender => sender % work.Nodes == work.Node)
                .Select(sender => Task.Run(() => Send(start, new Random(sender)))));
        }

        async Task Send(long start, Random random)
        {
            while (Stopwatch.GetElapsedTime(start) < limit)
            {
                try
                {
                    await CommandScenario.Send(bus, random.Next(Aggregates));
                    Interlocked.Increment(ref handled);
                }
                catch (VersionConflictException)
                {
                    Interlocked.Increment(ref failed); // Others were first in all attempts.
                }
            }
        }
    }
}
