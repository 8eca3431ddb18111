using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.Trust;

/// <summary>
/// Measures appends of events without marks in an application that encrypts another event type. The comparison is an
/// application without encryption.
/// </summary>
internal sealed class UnmarkedScenario : IScenario
{
    public IReadOnlyList<string> Names { get; } = ["unmarked-append"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        using var directory = run.NewDirectory();
        var keyFile = TrustApplication.KeyFileIn(directory);
        Task<Round> Again() => EncryptedAppendScenario.Append(
            run, store => TrustApplication.StartUnmarked(store, keyFile));
        var rounds = await PairedRounds.RunAlternating(
            run.Sizes.Rounds,
            _ => EncryptedAppendScenario.Append(run, store => TrustApplication.StartPlain(store)),
            _ => Again());
        return [await run.Explain(BenchmarkResult.OfRates(Names[0], "events/s", rounds, goal: 0.95), Again)];
    }
}
