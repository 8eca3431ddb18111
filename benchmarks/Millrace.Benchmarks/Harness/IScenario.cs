namespace Millrace.Benchmarks.Harness;

/// <summary>A benchmark, with one or more results.</summary>
internal interface IScenario
{
    /// <summary>Gets the names of the results. The option <c>--only</c> selects a benchmark by these names.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>Runs the benchmark.</summary>
    Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run);
}
