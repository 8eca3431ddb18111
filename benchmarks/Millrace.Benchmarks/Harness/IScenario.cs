namespace Millrace.Benchmarks.Harness;

/// <summary>Something that is measured; it may find several results.</summary>
internal interface IScenario
{
    /// <summary>The names of its results, by which it can be chosen.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>Measures.</summary>
    Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run);
}
