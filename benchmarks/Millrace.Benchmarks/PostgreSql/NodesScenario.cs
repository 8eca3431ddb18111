using System.Globalization;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.PostgreSql;

/// <summary>
/// Measures two and three nodes on one database against one node. Each node is a process with 32 writers. The rates of
/// the nodes must be about equal.
/// </summary>
internal sealed class NodesScenario(BenchDatabase database) : IScenario
{
    private const int MaxNodes = 3;
    private const double Goal = 0.7;
    private const double MaxShareDeviation = 0.2;

    public IReadOnlyList<string> Names { get; } = ["nodes-2", "nodes-3"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var rounds = new List<ClusterRates>[MaxNodes + 1];
        for (var nodes = 1; nodes <= MaxNodes; nodes++)
            rounds[nodes] = [];
        for (var round = 0; round < run.Sizes.Rounds; round++)
        {
            for (var nodes = 1; nodes <= MaxNodes; nodes++)
                rounds[nodes].Add(await Append(run, nodes));
        }
        var single = Median(rounds[1]);
        var results = new List<BenchmarkResult>();
        for (var nodes = 2; nodes <= MaxNodes; nodes++)
        {
            var several = Median(rounds[nodes]);
            var ratio = several.Total / single.Total;
            var met = ratio >= Goal && several.MaxDeviation <= MaxShareDeviation;
            var shares = string.Join(
                ", ", several.Rates.Select(rate => rate.ToString("N0", CultureInfo.InvariantCulture)));
            var result = new BenchmarkResult(
                Names[nodes - 2], "events/s", several.Total, single.Total, ratio, null, null, null, null, Goal, met,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Rates of the nodes: {shares}. Largest deviation: {several.MaxDeviation:P0} (limit: 20 %)."));
            var count = nodes;
            results.Add(await run.Explain(result, () => Again(run, count)));
        }
        return results;
    }

    private static ClusterRates Median(List<ClusterRates> rounds) =>
        rounds.OrderBy(round => round.Total).ElementAt(rounds.Count / 2);

    private async Task<ClusterRates> Append(BenchmarkRun run, int count)
    {
        await using var bench = await database.NewSchemas(run, SampleLines.Keys, SampleLines.Keys);
        var nodes = new List<NodeProcess>();
        try
        {
            for (var node = 0; node < count; node++)
                nodes.Add(NodeProcess.Start(bench, BenchNode.Append, node, count, run.Sizes.NodeSeconds));
            foreach (var node in nodes)
                await node.Receive();
            await Task.WhenAll(nodes.Select(node => node.Send(BenchNode.Go)));
            var rates = new double[count];
            for (var node = 0; node < count; node++)
                rates[node] = double.Parse((await nodes[node].Receive()).Split(' ')[0], CultureInfo.InvariantCulture);
            return new ClusterRates(rates);
        }
        finally
        {
            foreach (var node in nodes)
                await node.DisposeAsync();
        }
    }

    private Task<Round> Again(BenchmarkRun run, int count) => Round.Measure(async () =>
    {
        var joint = await Append(run, count);
        return ((long)(joint.Total * run.Sizes.NodeSeconds), (Latencies?)null);
    });

    private sealed record ClusterRates(IReadOnlyList<double> Rates)
    {
        public double Total => Rates.Sum();

        public double MaxDeviation => Rates.Max(rate => Math.Abs((rate * Rates.Count / Total) - 1));
    }
}
