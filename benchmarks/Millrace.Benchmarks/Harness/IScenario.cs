namespace Millrace.Benchmarks.Harness;

/// <summary>A benchmark, with one or more results.</summary>
internal interface IScenario
{
    /// <summary>The names of its results, which select it.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>Runs the benchmark.</summary>
    Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run);
}
