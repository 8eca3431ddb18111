using System.Security.Cryptography;
using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.Trust;

/// <summary>
/// Measures appends while each second a seal is written that covers all events before it. The comparison appends
/// without seals.
/// </summary>
internal sealed class SealedAppendScenario : IScenario
{
    public IReadOnlyList<string> Names { get; } = ["sealed-append"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        using var directory = run.NewDirectory();
        var keyFile = directory.File("seal.pem");
        using (var key = ECDsa.Create(ECCurve.NamedCurves.nistP256))
            await File.WriteAllTextAsync(keyFile, key.ExportPkcs8PrivateKeyPem());
        Task<Round> Again() => Append(run, millrace => millrace.AddSeals(seals =>
        {
            seals.KeyFile = keyFile;
            seals.Interval = TimeSpan.FromSeconds(1);
        }));
        var rounds = await PairedRounds.RunAlternating(
            warmUps: run.Sizes.Rounds > 1 ? 1 : 0, run.Sizes.Rounds, _ => Append(run, null), _ => Again());
        return [await run.Explain(BenchmarkResult.OfRates(Names[0], "events/s", rounds, goal: 0.95), Again)];
    }

    private static async Task<Round> Append(BenchmarkRun run, Action<MillraceBuilder>? configure)
    {
        await using var store = await run.Storage.NewStore(run, events: 0);
        await using var application = await TrustApplication.StartPlain(store, configure);
        return await TrustLoad.AppendFor(
            application, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(run.Sizes.NodeSeconds));
    }
}
