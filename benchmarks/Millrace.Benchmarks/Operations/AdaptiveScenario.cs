using System.Globalization;
using Millrace.Benchmarks.Harness;
using Millrace.Consuming;
using Millrace.Tuning;

namespace Millrace.Benchmarks.Operations;

/// <summary>
/// Measures a consumer that adapts to a changing load, beside fixed settings. First, a search measures each fixed
/// setting of a grid in each phase. Then the phases follow each other, and the consumer adapts. The comparison ("raw")
/// is the best fixed setting of the phase, and for the whole run the best single setting, whose batches are within the
/// target of the adaptation.
/// </summary>
internal sealed class AdaptiveScenario : IScenario
{
    private const double PhaseGoal = 0.85;
    private const double WholeGoal = 1;
    private const double MaxLateness = 1.2; // Of the 95th percentile of batches, relative to the target.
    private const int NoWorkers = 1;

    private static readonly int[] Sizes = [20, 100, 500, 2_000];
    private static readonly int[] Workers = [1, 4, 16, 32];
    private static readonly TimeSpan Target = new LoadOptions().BatchTime;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MaxStart = TimeSpan.FromMinutes(2);

    private readonly Dictionary<(string Phase, int Size, int Workers), double> _capacities = [];

    public IReadOnlyList<string> Names { get; } =
        [.. AdaptivePhase.All.Select(static phase => $"adaptive-{phase.Name}"), "adaptive-whole-run"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var interval = TimeSpan.FromSeconds(run.Sizes.NodeSeconds * 0.07);
        var duration = TimeSpan.FromSeconds(run.Sizes.NodeSeconds * 2);
        await Search(run, interval);
        var (results, handled) = (new List<BenchmarkResult>(), 0.0);
        await using var store = await run.Storage.NewStore(run, events: 0);
        await using var node = await AdaptiveNode.Start(store, CancellationToken.None);
        foreach (var phase in AdaptivePhase.All)
        {
            var best = BestOf(phase);
            var (events, note) = await Adapt(node, phase, best.Capacity, duration);
            handled += events;
            var expected = phase.EventsOf(best.Capacity, best.Capacity, duration.TotalSeconds);
            results.Add(ResultOf(
                $"adaptive-{phase.Name}", events, expected, duration, PhaseGoal,
                $"best fixed {best.Size} events, {best.Workers} workers; {note}"));
        }
        var single = BestSingle(duration);
        results.Add(ResultOf(
            Names[^1], handled, single.Events, AdaptivePhase.All.Count * duration, WholeGoal,
            $"best single setting {single.Size} events, {single.Workers} workers"));
        return results;
    }

    private static BenchmarkResult ResultOf(
        string name, double events, double expected, TimeSpan duration, double goal, string note)
    {
        var ratio = events / Math.Max(1, expected);
        return new BenchmarkResult(
            name,
            "events/s",
            events / duration.TotalSeconds,
            expected / duration.TotalSeconds,
            ratio,
            P50Ms: null,
            P95Ms: null,
            P99Ms: null,
            BytesPerOp: null,
            goal,
            ratio >= goal,
            note);
    }

    /// <summary>
    /// Measures the fixed settings. A setting whose batches take longer than the target has no capacity.
    /// </summary>
    private async Task Search(BenchmarkRun run, TimeSpan interval)
    {
        await using var store = await run.Storage.NewStore(run, events: 0);
        await using var node = await AdaptiveNode.Start(store, CancellationToken.None);
        // Phases of the same service have the same capacities.
        foreach (var phases in AdaptivePhase.All.GroupBy(static one => (one.Wait, one.Connections, one.IsPublisher)))
        {
            var phase = phases.First() with { Demand = null };
            node.Enter(phase);
            using var ending = new CancellationTokenSource();
            var producing = node.Produce(0, TimeSpan.FromMinutes(10), ending.Token);
            using var limit = new CancellationTokenSource(MaxStart);
            while (node.Handled == 0) // Until the events of earlier phases are skipped, which takes no time.
                await Task.Delay(Step, TimeProvider.System, limit.Token);
            foreach (var (size, workers) in SettingsOf(phase))
            {
                var capacity = await Measure(node.ProcessorOf(phase), size, workers, interval);
                foreach (var one in phases)
                    _capacities[(one.Name, size, workers)] = capacity;
            }
            await ending.CancelAsync();
            await producing;
        }
    }

    private static IEnumerable<(int Size, int Workers)> SettingsOf(AdaptivePhase phase) =>
        from size in Sizes
        from workers in phase.IsPublisher ? [NoWorkers] : Workers
        where workers <= size
        select (size, workers);

    private static async Task<double> Measure(ConsumerProcessor processor, int size, int workers, TimeSpan interval)
    {
        var time = TimeProvider.System;
        var trial = new LoadTrial(size, workers, time);
        processor.Trial = trial;
        try
        {
            // An interval starts when the batch before has ended, and has at least a few batches, if they are not late.
            var max = interval + (MaxLateness * 4 * Target);
            var startedAt = time.GetTimestamp();
            while (!trial.IsEffective && time.GetElapsedTime(startedAt) < max)
                await KeepAlive(trial, time);
            startedAt = time.GetTimestamp();
            while (time.GetElapsedTime(startedAt) < interval
                || (trial.Batches < 3 && time.GetElapsedTime(startedAt) < max))
                await KeepAlive(trial, time);
        }
        finally
        {
            processor.Trial = null;
        }
        var batches = trial.TakeBatches();
        var isLate = TuningStatistics.BatchPercentile(batches, 0.95) > MaxLateness * Target;
        return batches.Count == 0 || isLate
            ? 0
            : batches.Sum(static batch => batch.Events) / batches.Sum(static batch => batch.Duration.TotalSeconds);
    }

    private static async Task KeepAlive(LoadTrial trial, TimeProvider time)
    {
        trial.KeepAlive();
        await Task.Delay(Step, time);
    }

    /// <summary>Runs a phase, and returns the handled events with a description of the adaptation.</summary>
    private static async Task<(long Events, string Note)> Adapt(
        AdaptiveNode node, AdaptivePhase phase, double reference, TimeSpan duration)
    {
        node.Enter(phase);
        var producing = node.Produce(reference, duration, CancellationToken.None);
        await Task.Delay(duration / 2, TimeProvider.System);
        var half = node.Handled;
        await producing;
        var events = node.Handled;
        var load = node.ProcessorOf(phase).Load!.TakeStatus(); // Both consumers adapt.
        var note = string.Create(
            CultureInfo.InvariantCulture,
            $"at the end {load.BatchEvents} events, {load.Workers} workers; in the second half "
                + $"{(events - half) / (duration.TotalSeconds / 2):N0}/s");
        return (events, note);
    }

    private (int Size, int Workers, double Capacity) BestOf(AdaptivePhase phase) => _capacities
        .Where(one => one.Key.Phase == phase.Name)
        .Select(static one => (one.Key.Size, one.Key.Workers, Capacity: one.Value))
        .MaxBy(static one => one.Capacity);

    /// <summary>Returns the fixed setting that handles the most events of all phases. Its number of workers does not
    /// matter for the publisher.</summary>
    private (int Size, int Workers, double Events) BestSingle(TimeSpan duration) => SettingsOf(AdaptivePhase.All[0])
        .Select(one => (one.Size, one.Workers, Events: AdaptivePhase.All.Sum(phase => phase.EventsOf(
            _capacities[(phase.Name, one.Size, phase.IsPublisher ? NoWorkers : one.Workers)],
            BestOf(phase).Capacity,
            duration.TotalSeconds))))
        .MaxBy(static one => one.Events);
}
