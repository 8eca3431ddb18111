using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Storages;

namespace Millrace.Benchmarks.Trust;

/// <summary>
/// Measures reading and decoding a log of events with two encrypted members, of 10,000 subjects. The comparison reads
/// a log with the same events plain. Both applications are open during all rounds, so that the keys are in memory.
/// </summary>
internal sealed class EncryptedScanScenario : IScenario
{
    public IReadOnlyList<string> Names { get; } = ["encrypted-scan"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        using var directory = run.NewDirectory();
        var events = run.Sizes.LogEvents;
        await using var plainLog = await run.Storage.NewStore(run, events: 0);
        await using var plain = await TrustApplication.StartPlain(plainLog);
        await Fill(plainLog, plain, events);
        await using var encryptedLog = await run.Storage.NewStore(run, events: 0);
        await using var encrypted = await TrustApplication.StartEncrypted(
            encryptedLog, TrustApplication.KeyFileIn(directory));
        await Fill(encryptedLog, encrypted, events);
        Task<Round> Again() => TrustLoad.Scan(encrypted.Store, events);
        var rounds = await PairedRounds.RunAlternating(
            run.Sizes.Rounds, _ => TrustLoad.Scan(plain.Store, events), _ => Again());
        return [await run.Explain(BenchmarkResult.OfRates(Names[0], "events/s", rounds, goal: 0.6), Again)];
    }

    private static async Task Fill(IBenchStore log, TrustApplication application, int events)
    {
        await Stores.Fill(application.Store, events);
        await log.Settle();
    }
}
