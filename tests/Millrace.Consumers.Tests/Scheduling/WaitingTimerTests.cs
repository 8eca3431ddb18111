using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Millrace.Scheduling;
using Millrace.Storage;
using Xunit.Abstractions;

namespace Millrace.Tests.Scheduling;

/// <summary>Tests that pending timers are not polled. A million timers only use space in the database.</summary>
[Collection(ExclusiveCollection.Name)]
public sealed class WaitingTimerTests(ITestOutputHelper output)
{
    private const int TimersPerCommit = 1_000;
    private const int Appends = 500;
    private const int MaxQueries = 16;
    private const long MaxBytes = 32 * 1024 * 1024;
    private static readonly int Timers =
        TestRun.IsLong ? 1_000_000 : 20_000;

    public static TheoryData<StoreKind> Kinds => PostgreSqlPrograms.ReasonToSkip is null
        ? [StoreKind.Sqlite, StoreKind.PostgreSql]
        : [StoreKind.Sqlite];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Pending_timers_are_not_polled_and_use_no_memory(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        var queries = 0;
        var storage = new FaultyStorage(shared.Open())
        {
            BeforeDocuments = name =>
            {
                if (name == nameof(IDocumentStorage.Query))
                    Interlocked.Increment(ref queries);
            },
        };
        await using var node = await BellNode.Start(storage);
        var withoutTimers = await AppendsPerSecond(node.Store);
        var memory = GC.GetTotalMemory(forceFullCollection: true);
        for (var first = 0; first < Timers; first += TimersPerCommit)
            await SetForNextYear(node.Store, first);
        // A timer with an event makes the node read the timers that were written without an event.
        await node.Timers.Set(new Ring("wakes"), TimeSpan.Zero);
        await node.WaitForRings(1);
        memory = GC.GetTotalMemory(forceFullCollection: true) - memory;
        var withTimers = await AppendsPerSecond(node.Store);

        Interlocked.Exchange(ref queries, 0);
        var started = Stopwatch.GetTimestamp();
        await node.Timers.Set(new Ring("soon"), TimeSpan.FromSeconds(2));
        await node.WaitForRings(2);
        var queryCount = Volatile.Read(ref queries);

        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{kind}, {Timers} pending timers: {memory / 1024.0 / 1024:F1} MiB more; {withTimers:F0} appends/s "
                    + $"with timers, "
                    + $"{withoutTimers:F0} without timers; a timer of 2 s fired after "
                    + $"{Stopwatch.GetElapsedTime(started).TotalSeconds:F2} s, with {queryCount} queries."
            )
        );
        Assert.InRange(queryCount, 1, MaxQueries);
        Assert.True(memory < MaxBytes, $"{Timers} timers use {memory} bytes of the node's memory.");
    }

    private static async Task<double> AppendsPerSecond(EventStore store)
    {
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < Appends; i++)
            await store.Append(new StreamId("load-1"), ExpectedVersion.Any, [new Wound("x")]);
        return Appends / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static Task<CommitOutcome> SetForNextYear(EventStore store, int first)
    {
        var now = DateTimeOffset.UtcNow;
        using var body = JsonDocument.Parse("""{"name":"late"}""");
        var command = body.RootElement.Clone();
        var documents = Enumerable
            .Range(first, TimersPerCommit)
            .Select(number =>
                TimerStore.Write(
                    number.ToString(CultureInfo.InvariantCulture),
                    new TimerRecord
                    {
                        Due = now.AddDays(365).AddSeconds(number),
                        Id = Guid.CreateVersion7(),
                        Command = "ring",
                        Body = command,
                        SetAt = now,
                    },
                    fromVersion: null));
        return store.Commit(
            new CommitRequest { Documents = [.. documents] }, isBackground: false, CancellationToken.None);
    }
}
