using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Storages;
using Millrace.Scheduling;
using Millrace.Storage;

namespace Millrace.Benchmarks.Messaging;

/// <summary>
/// Measures the additional processor time of an application with a million pending timers, compared with an application
/// without timers.
/// </summary>
internal sealed class IdleTimersScenario : IScenario
{
    private const int TimersPerCommit = 1_000;

    public IReadOnlyList<string> Names { get; } = ["idle-timers"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        await using var none = await run.Storage.NewStore(run);
        await using var full = await run.Storage.NewStore(run);
        await Fill(full, run.Sizes.Timers);
        var (without, with) = (new List<double>(), new List<double>());
        for (var i = 0; i < run.Sizes.Rounds; i++)
        {
            without.Add(await Percent(run, none));
            with.Add(await Percent(run, full));
        }
        return [IdleApplication.MoreWith(Names[0], without, with)];
    }

    /// <summary>Sets timers that are due after a year, many in one commit.</summary>
    private static async Task Fill(IBenchStore bench, int timers)
    {
        using var host = await Application.Start(bench.NewStorage(), _ => { }, millrace => millrace.AddTimers());
        await IdleApplication.WaitUntilLive(host.Services.GetRequiredService<Consumers>());
        var store = host.Services.GetRequiredService<EventStore>();
        using var body = JsonDocument.Parse("""{"order":"42"}""");
        for (var first = 0; first < timers; first += TimersPerCommit)
            await Set(store, first, body.RootElement.Clone());
        await host.StopAsync();
    }

    private static async Task Set(EventStore store, int first, JsonElement body)
    {
        var now = DateTimeOffset.UtcNow;
        var documents = Enumerable
            .Range(first, TimersPerCommit)
            .Select(number =>
                TimerStore.Write(
                    number.ToString(CultureInfo.InvariantCulture),
                    new TimerRecord
                    {
                        Due = now.AddDays(365).AddSeconds(number),
                        Id = Guid.CreateVersion7(),
                        Command = "cancel-order",
                        Body = body,
                        SetAt = now,
                    },
                    fromVersion: null));
        await store.Commit(
            new CommitRequest { Documents = [.. documents] }, isBackground: false, CancellationToken.None);
    }

    private static Task<double> Percent(BenchmarkRun run, IBenchStore bench) =>
        IdleApplication.Percent(run, bench, static millrace => millrace.AddTimers());
}
