using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Storages;
using Millrace.Storage;

namespace Millrace.Benchmarks.Keeping;

/// <summary>
/// Measures a restore from a continuous backup to an empty store, until its read model contains all events. The only
/// table copy is that of the empty store, so the whole read model is built. The comparison is the time in which the
/// original appended these events. The goal is 10,000,000 events in 5 minutes.
/// </summary>
internal sealed class RestoreScenario : IScenario
{
    private const double GoalSeconds = 300;
    private const double GoalEvents = 10_000_000;

    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(30);

    public IReadOnlyList<string> Names { get; } = ["restore"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        using var backups = new BackupDirectory(run);
        var events = run.Sizes.RestoredEvents;
        var appending = await FillWithBackup(run, backups, events);
        await using var target = await run.Storage.NewStore(run, events: 0);

        var started = Stopwatch.GetTimestamp();
        await Restore(backups, target.NewStorage());
        var restored = Stopwatch.GetElapsedTime(started);
        await BuildReadModel(target, events);
        var all = Stopwatch.GetElapsedTime(started);

        var result = BenchmarkResult.OfLimit(
            Names[0], "s", all.TotalSeconds, appending.TotalSeconds, GoalSeconds * events / GoalEvents);
        return
        [
            result with
            {
                Note = $"{events:N0} events: store {restored.TotalSeconds:0.0} s, read model "
                    + $"{(all - restored).TotalSeconds:0.0} s. Appended in {appending.TotalSeconds:0.0} s.",
            },
        ];
    }

    /// <summary>Appends events to a store that is backed up, and returns how long the appends took.</summary>
    private static async Task<TimeSpan> FillWithBackup(BenchmarkRun run, BackupDirectory backups, long events)
    {
        await using var store = await run.Storage.NewStore(run, events: 0);
        using var host = await Application.Start(store.NewStorage(), static _ => { }, backups.Use);
        await backups.WaitFor(0);
        var started = Stopwatch.GetTimestamp();
        await Stores.Fill(host.Services.GetRequiredService<EventStore>(), events);
        var elapsed = Stopwatch.GetElapsedTime(started);
        await backups.WaitFor(events);
        await host.StopAsync();
        return elapsed;
    }

    private static async Task Restore(BackupDirectory backups, IStorage target)
    {
        await using var storage = target;
        await new StoreRestore(backups.Place, storage).Run();
    }

    private static async Task BuildReadModel(IBenchStore target, long events)
    {
        using var host = await Application.Start(
            target.NewStorage(), model => model.Projection(LineTotals.Definition));
        var store = host.Services.GetRequiredService<EventStore>();
        var consumers = host.Services.GetRequiredService<Consumers>();
        await consumers.WaitFor(LineTotals.Definition.Collection, await store.GetToken(), WaitTimeout);
        var position = (await store.GetToken()).Position;
        if (position != events)
            throw new InvalidOperationException($"{events} events were backed up, but {position} restored.");
        await host.StopAsync();
    }
}
