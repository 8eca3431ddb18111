using System.Globalization;
using Millrace.Benchmarks.Harness;
using Servers;

namespace Millrace.Benchmarks.PostgreSql;

/// <summary>
/// Measures commands of 32 senders on three nodes to 1,000 aggregates, with and without Orleans. Each node is a
/// process. Each aggregate has 200 events and no snapshots. The nodes have loaded all aggregates before.
/// </summary>
internal sealed class HotAggregatesScenario(BenchDatabase database) : IScenario
{
    private const int Nodes = 3;
    private const int EventsPerAggregate = 200;
    private const double Goal = 2;

    public IReadOnlyList<string> Names { get; } = ["hot-aggregates"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        await using var bench = await database.NewSchemas(
            run, DecidingNode.Aggregates * EventsPerAggregate, DecidingNode.Aggregates);
        var (routed, local) = (new List<Measured>(), new List<Measured>());
        for (var round = 0; round < run.Sizes.Rounds; round++)
        {
            local.Add(await Decide(bench, run, isRouted: false));
            routed.Add(await Decide(bench, run, isRouted: true));
        }
        var (with, without) = (Median(routed), Median(local));
        var ratio = with.PerSecond / without.PerSecond;
        var note = string.Create(
            CultureInfo.InvariantCulture,
            $"With Orleans: {with.Costs}. Without: {without.Costs}. {EventsPerAggregate} events per aggregate.");
        return
        [
            new BenchmarkResult(
                Names[0], "commands/s", with.PerSecond, without.PerSecond, ratio, null, null, null, null, Goal,
                ratio >= Goal, note),
        ];
    }

    private static Measured Median(List<Measured> rounds) =>
        rounds.OrderBy(round => round.PerSecond).ElementAt(rounds.Count / 2);

    private static async Task<Measured> Decide(BenchStore bench, BenchmarkRun run, bool isRouted)
    {
        var nodes = new List<NodeProcess>();
        try
        {
            for (var node = 0; node < Nodes; node++)
                nodes.Add(NodeProcess.Start(
                    bench, BenchNode.Decide, node, Nodes, run.Sizes.NodeSeconds, isRouted ? FreePorts.Take() : 0));
            for (var signal = 0; signal < 2; signal++) // The nodes are ready to load, and then to be measured.
            {
                foreach (var node in nodes)
                    await node.Receive();
                await Task.WhenAll(nodes.Select(node => node.Send(BenchNode.Go)));
            }
            var results = new List<double[]>();
            foreach (var node in nodes)
                results.Add([
                    .. (await node.Receive()).Split(' ')
                        .Select(number => double.Parse(number, CultureInfo.InvariantCulture)),
                ]);
            await Task.WhenAll(nodes.Select(node => node.Send(BenchNode.End)));
            return new Measured(
                results.Sum(result => result[0]), results.Sum(result => result[1]),
                results.Average(result => result[2]));
        }
        finally
        {
            foreach (var node in nodes)
                await node.DisposeAsync();
        }
    }

    private sealed record Measured(double PerSecond, double Failed, double ProcessorMicroseconds)
    {
        public string Costs => string.Create(
            CultureInfo.InvariantCulture,
            $"{ProcessorMicroseconds:N0} µs of the nodes' processors per command, {Failed:N0} commands refused");
    }
}
