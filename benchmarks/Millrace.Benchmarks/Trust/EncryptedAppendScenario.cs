using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.Trust;

/// <summary>
/// Measures appends of events with two encrypted members. The comparison appends the same events plain.
/// </summary>
internal sealed class EncryptedAppendScenario : IScenario
{
    public IReadOnlyList<string> Names { get; } = ["encrypted-append"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        using var directory = run.NewDirectory();
        var keyFile = TrustApplication.KeyFileIn(directory);
        Task<Round> Again() => Append(run, store => TrustApplication.StartEncrypted(store, keyFile));
        var rounds = await PairedRounds.RunAlternating(
            run.Sizes.Rounds, _ => Append(run, store => TrustApplication.StartPlain(store)), _ => Again());
        return [await run.Explain(BenchmarkResult.OfRates(Names[0], "events/s", rounds, goal: 0.7), Again)];
    }

    /// <summary>Measures appends of an application to a new store.</summary>
    public static async Task<Round> Append(
        BenchmarkRun run, Func<Storages.IBenchStore, Task<TrustApplication>> start)
    {
        await using var store = await run.Storage.NewStore(run, events: 0);
        await using var application = await start(store);
        return await TrustLoad.Append(application, run.Sizes.BulkAppends);
    }
}
