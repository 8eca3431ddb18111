using System.Diagnostics;
using System.Globalization;
using Millrace.Auditing;
using Xunit.Abstractions;

namespace Millrace.Tests.Auditing;

/// <summary>
/// Measures the cost of seals with alternating appends to a store with seals and to a store without seals.
/// </summary>
public sealed class SealCostTests(ITestOutputHelper output) : IDisposable
{
    private const int Writers = 32;
    private const double MinRatio = 0.6;
    private const int Rounds = 5;
    private static readonly int RoundCount = TestRun.IsLong ? 60 : 12;
    private static readonly TimeSpan RoundDuration = TimeSpan.FromMilliseconds(TestRun.IsLong ? 1_000 : 300);

    private readonly SealKeys _keys = new();

    public void Dispose() => _keys.Dispose();

    [Theory]
    [DatabaseKinds]
    public async Task A_sealed_store_is_nearly_as_fast_at_appends_as_a_store_without_seals(StoreKind kind)
    {
        using var plainStore = await SharedStore.Create(kind);
        using var sealedStore = await SharedStore.Create(kind);
        var options = _keys.Options();
        options.Interval = TimeSpan.FromSeconds(1);
        using var setup = new SealSetup(options);
        await using var plain = await TestNode.Start(plainStore.Open(), AddReader);
        await using var withSeals = await TestNode.Start(
            sealedStore.Open(),
            host =>
            {
                AddReader(host);
                setup.AddTo(host, host.Logger);
            });
        await AppendFor(plain.Store, RoundDuration);
        await AppendFor(withSeals.Store, RoundDuration);
        var medians = new List<double>();
        for (var round = 0; round < Rounds && medians.All(median => median <= MinRatio); round++)
            medians.Add(await MedianRatio(plain.Store, withSeals.Store));
        var info = await withSeals.Store.GetStream(Millrace.Auditing.Sealing.SealStore.Stream);

        var summary = string.Create(
            CultureInfo.InvariantCulture,
            $"{kind}: with seals, the rate is {medians.Max():0.000} of the rate without (median of {RoundCount}); "
                + $"{info?.Version ?? 0} seals of {withSeals.Store.Tail.Head.Position} events.");
        output.WriteLine(summary);
        if (Environment.GetEnvironmentVariable("MILLRACE_FIGURES") is { } figures)
            await File.AppendAllTextAsync(figures, summary + "\n");
        Assert.True(medians.Max() > MinRatio && info is not null, summary);
    }

    // Applications that seal have consumers, whose cost is not that of seals.
    private static void AddReader(Millrace.Consuming.ConsumerHost host) =>
        TestNode.Add(
            host,
            ConsumerDefinition.Batch("reader", EventFilter.All, static (_, _) => ValueTask.CompletedTask));

    private static async Task<double> MedianRatio(EventStore plain, EventStore withSeals)
    {
        var ratios = new List<double>();
        for (var turn = 0; turn < RoundCount; turn++)
        {
            var plainRate = await AppendFor(plain, RoundDuration);
            ratios.Add(await AppendFor(withSeals, RoundDuration) / plainRate);
        }
        return ratios.Order().ElementAt(ratios.Count / 2);
    }

    /// <summary>Appends with 32 writers, and returns the events per second.</summary>
    private static async Task<double> AppendFor(EventStore store, TimeSpan time)
    {
        var (started, count) = (Stopwatch.GetTimestamp(), 0L);
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            var stream = new StreamId($"thing-{writer}");
            while (Stopwatch.GetElapsedTime(started) < time)
            {
                await store.Append(stream, ExpectedVersion.Any, [SealedLog.Event(writer)]);
                Interlocked.Increment(ref count);
            }
        })));
        return count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
