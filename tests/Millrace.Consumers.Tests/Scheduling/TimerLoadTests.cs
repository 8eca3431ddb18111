using System.Globalization;
using Millrace.Storage;

namespace Millrace.Tests.Scheduling;

/// <summary>Very many timers that are due in the same minute fire once each, whatever nodes there are.</summary>
public sealed class TimerLoadTests
{
    private const int InOneCommit = 500;
    private static readonly int Timers = Environment.GetEnvironmentVariable("MILLRACE_LONG") == "1" ? 100_000 : 3_000;

    public static TheoryData<StoreKind> Kinds => SharedStore.Kinds;

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Timers_of_one_minute_fire_once_each_over_three_nodes(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var one = await BellNode.Start(shared.Open());
        await using var two = await BellNode.Start(shared.Open());
        var three = await BellNode.Start(shared.Open());
        var begin = DateTimeOffset.UtcNow;
        for (var first = 0; first < Timers; first += InOneCommit)
            await Set(one.Store, begin, first);

        await one.Timers.Set(new Ring("wakes"), TimeSpan.Zero);
        await one.WaitForRings(Timers / 3);
        await three.DisposeAsync(); // Perhaps the one that fires: another goes on.
        var rings = await one.WaitForRings(Timers + 1);

        Assert.Equal(Timers + 1, rings.Count);
        Assert.Equal(Timers + 1, rings.Distinct().Count());
        Assert.Empty((await two.Timers.List(new TimerQuery())).Timers);
    }

    private static Task<CommitOutcome> Set(EventStore store, DateTimeOffset begin, int first)
    {
        var documents = Enumerable.Range(first, InOneCommit).Select(number => TimerStore.Write(
            number.ToString(CultureInfo.InvariantCulture),
            new TimerRecord
            {
                Due = begin.AddMilliseconds(number % 1_000),
                Id = Guid.CreateVersion7(),
                Command = "ring",
                Body = System.Text.Json.JsonDocument.Parse($$"""{"name":"{{number}}"}""").RootElement,
                SetAt = begin,
            },
            fromVersion: null));
        return store.Commit(new CommitRequest { Documents = [.. documents] }, isBackground: false, CancellationToken.None);
    }
}
