using System.Diagnostics;
using System.Globalization;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.Scenarios;

/// <summary>
/// Measures the explanation of a document's member. The search reads and decodes as many bytes of events as the data of
/// a real shop contains for one year.
/// </summary>
internal sealed class WhyScenario : IScenario
{
    private const double LimitMs = 1_000;
    private const long BytesOfRealYear = 52L * 1024 * 1024;

    public IReadOnlyList<string> Names { get; } = ["why"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        await using var store = await Stores.Open((await run.GetLog()).NewStorage());
        var model = new ModelBuilder();
        Formats.Register(model);
        model.Projection(LineTotals.Definition);
        var explanations = Explanations.Of(store, model.BuildCatalog());
        var events = Math.Min(run.Sizes.LogEvents, (long)(BytesOfRealYear / SampleLines.Instance.AverageBytes));
        var latencies = new Latencies(run.Sizes.Rounds * 3);
        await Explain(explanations, 0, events); // Warms up.
        for (var key = 1; key <= run.Sizes.Rounds * 3; key++)
        {
            var started = Stopwatch.GetTimestamp();
            await Explain(explanations, key, events);
            latencies.Add(Stopwatch.GetTimestamp() - started);
        }
        return [BenchmarkResult.OfLimit(Names[0], "ms", latencies.Percentile(0.5), raw: null, LimitMs, latencies)];
    }

    private static async Task Explain(Explanations explanations, int key, long events)
    {
        var found = await explanations.ExplainDocument(
            LineTotals.Definition.Name,
            key.ToString(CultureInfo.InvariantCulture),
            null,
            new ExplanationOptions { Until = events }
        );
        if (found.Events == 0 || found.FailureCount > 0)
            throw new InvalidOperationException($"Key {key} was not explained: {found}.");
    }
}
