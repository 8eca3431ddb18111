using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Millrace.Scheduling;
using Millrace.Storage;
using Millrace.Testing;
using Xunit.Abstractions;

namespace Millrace.Tests.Scheduling;

/// <summary>
/// Tests that a large number of timers that are due in the same minute fire once each, on several nodes.
/// </summary>
public sealed class TimerLoadTests(ITestOutputHelper output)
{
    private const int TimersPerCommit = 500;
    private static readonly int Timers = TestRun.IsLong ? 100_000 : 3_000;
    private static readonly TimeSpan WaitTimeout = TestRun.IsLong ? TimeSpan.FromMinutes(20) : TimeSpan.FromMinutes(5);

    [Theory]
    [StoreKinds]
    public async Task Timers_of_one_minute_fire_once_each_over_three_nodes(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var firstNode = await BellNode.Start(shared.Open());
        await using var secondNode = await BellNode.Start(shared.Open());
        var thirdNode = await BellNode.Start(shared.Open());
        var setAt = DateTimeOffset.UtcNow;
        for (var first = 0; first < Timers; first += TimersPerCommit)
            await Set(firstNode.Store, setAt, first);

        var started = Stopwatch.GetTimestamp();
        await firstNode.Timers.Set(new Ring("wakes"), TimeSpan.Zero);
        await WaitForRingCount(firstNode, Timers / 3);
        await thirdNode.DisposeAsync(); // This node may be the one that fires the timers. Then another node continues.
        await WaitForRingCount(firstNode, Timers + 1);
        var duration = Stopwatch.GetElapsedTime(started);
        var rings = await firstNode.Rings();

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{kind}: {Timers} timers fired in {duration.TotalSeconds:F1} s, {Timers / duration.TotalSeconds:F0}/s."));
        Assert.Equal(Timers + 1, rings.Count);
        Assert.Equal(Timers + 1, rings.Distinct().Count());
        await Eventually.Get(
            () => secondNode.Timers.List(new TimerQuery()).AsTask(), page => page.Timers.Count == 0, WaitTimeout);
    }

    /// <summary>
    /// Waits for a number of rings. Does not read the rings, because reads would slow down the nodes.
    /// </summary>
    private static Task<StreamInfo?> WaitForRingCount(BellNode node, int count) => Eventually.Get(
        () => node.Store.GetStream(new StreamId(Bell.Stream)).AsTask(), bell => bell?.Version >= count, WaitTimeout);

    private static Task<CommitOutcome> Set(EventStore store, DateTimeOffset setAt, int first)
    {
        var documents = Enumerable.Range(first, TimersPerCommit).Select(number => TimerStore.Write(
            number.ToString(CultureInfo.InvariantCulture),
            new TimerRecord
            {
                Due = setAt.AddMilliseconds(number % 1_000),
                Id = Guid.CreateVersion7(),
                Command = "ring",
                Body = JsonDocument.Parse($$"""{"name":"{{number}}"}""").RootElement,
                SetAt = setAt,
            },
            fromVersion: null));
        return store.Commit(
            new CommitRequest { Documents = [.. documents] }, isBackground: false, CancellationToken.None);
    }
}
