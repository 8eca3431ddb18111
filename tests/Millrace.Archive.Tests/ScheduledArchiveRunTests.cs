using Millrace.Storage;

namespace Millrace.Archive.Tests;

/// <summary>
/// Tests that a scheduled run reads only what can have become selectable since the last one, and misses nothing: a dry
/// run over the whole log then finds no event.
/// </summary>
public sealed class ScheduledArchiveRunTests
{
    private static readonly ArchiveScheduleOptions Both =
        new() { InactiveFor = TimeSpan.FromDays(30), IncludesClosed = true };

    [Theory]
    [StoreKinds]
    public async Task A_run_with_nothing_new_reads_no_event(StoreKind kind)
    {
        await using var fixture = await ArchiveFixture.Create(kind, countsReads: true);
        fixture.SegmentEvents = 500;
        await AppendMany(fixture, "order", streams: 40, events: 30);
        await AppendMany(fixture, "active", streams: 1, events: 1);
        fixture.Clock.Advance(TimeSpan.FromDays(31));
        await AppendMany(fixture, "active", streams: 1, events: 1);

        var first = await Run(fixture, Both);
        var read = fixture.Reads.Take();
        var second = await Run(fixture, Both);
        var readAgain = fixture.Reads.Take();

        Assert.Equal((1_200, 0), (first, second));
        Assert.True(read.Events >= 2 * 1_200, $"{read}"); // Once for each of the two selections.
        Assert.Equal((1, 0), readAgain);
    }

    [Theory]
    [StoreKinds]
    public async Task A_stream_that_has_become_inactive_is_archived_without_a_read_of_the_log(StoreKind kind)
    {
        await using var fixture = await ArchiveFixture.Create(kind, countsReads: true);
        fixture.SegmentEvents = 500;
        await AppendMany(fixture, "old", streams: 40, events: 30);
        await fixture.Append("long", 3);
        fixture.Clock.Advance(TimeSpan.FromDays(30));
        await fixture.Append("long", 2);
        Assert.Equal(1_200, await Run(fixture, Both));
        fixture.Clock.Advance(TimeSpan.FromDays(32));
        await fixture.Append("new", 4);
        fixture.Reads.Take();

        var archived = await Run(fixture, Both);

        var (_, read) = fixture.Reads.Take();
        Assert.Equal(5, archived);
        Assert.InRange(read, 5, 20);
        Assert.Equal(0, await Remaining(fixture, Both));
        Assert.Equal(5, (await fixture.Read("long")).Count);
        Assert.True((await fixture.Archive.Check()).IsSound);
    }

    [Theory]
    [StoreKinds]
    public async Task Deleted_and_closed_streams_are_archived_without_a_read_of_the_log(StoreKind kind)
    {
        await using var fixture = await ArchiveFixture.Create(kind, countsReads: true);
        fixture.SegmentEvents = 500;
        await AppendMany(fixture, "old", streams: 40, events: 30);
        fixture.Clock.Advance(TimeSpan.FromDays(20));
        foreach (var stream in (string[])["deleted", "closed", "again"])
            await fixture.Append(stream, 3);
        fixture.Clock.Advance(TimeSpan.FromDays(10));
        Assert.Equal(1_200, await Run(fixture, Both));
        await fixture.Store.Delete(new StreamId("deleted"), ExpectedVersion.Any, "test");
        await fixture.Store.Tombstone(new StreamId("closed"), ExpectedVersion.Any, "test");
        await fixture.Store.Delete(new StreamId("again"), ExpectedVersion.Any, "test");
        await fixture.Append("again", 1);
        fixture.Reads.Take();

        var closed = await Run(fixture, Both);

        var (_, read) = fixture.Reads.Take();
        Assert.Equal(4, closed); // A tombstone keeps the last event.
        Assert.InRange(read, 4, 20);
        Assert.Equal(0, await Remaining(fixture, Both));
        fixture.Clock.Advance(TimeSpan.FromDays(31));
        Assert.Equal(4, await Run(fixture, Both)); // The stream that was started again.
        Assert.Equal(0, await Remaining(fixture, Both));
    }

    [Fact]
    public async Task A_restored_stream_is_archived_again_after_its_time()
    {
        await using var fixture = await ArchiveFixture.Create(StoreKind.Sqlite, countsReads: true);
        var options = new ArchiveScheduleOptions { InactiveFor = TimeSpan.FromDays(30) };
        await fixture.Append("order-1", 4);
        await fixture.Append("order-2", 4);
        fixture.Clock.Advance(TimeSpan.FromDays(40));
        Assert.Equal(8, await Run(fixture, options));
        await fixture.Archive.Restore(new StreamId("order-1"));

        Assert.Equal(0, await Run(fixture, options)); // Reads the whole log, because of the restoration.
        fixture.Clock.Advance(TimeSpan.FromDays(29));
        fixture.Reads.Take();
        Assert.Equal(0, await Run(fixture, options));
        Assert.Equal(0, fixture.Reads.Take().Events);
        fixture.Clock.Advance(TimeSpan.FromDays(2));
        Assert.Equal(4, await Run(fixture, options));
        await fixture.Archive.RestoreAll();
        fixture.Clock.Advance(TimeSpan.FromDays(31));
        Assert.Equal(8, await Run(fixture, options));
    }

    [Fact]
    public async Task Changed_settings_and_a_new_epoch_make_a_run_read_the_whole_log()
    {
        await using var fixture = await ArchiveFixture.Create(StoreKind.Sqlite, countsReads: true);
        var orders = new ArchiveScheduleOptions { InactiveFor = TimeSpan.FromDays(30), Streams = "order-*" };
        var all = new ArchiveScheduleOptions { InactiveFor = TimeSpan.FromDays(30) };
        var later = new ArchiveScheduleOptions { InactiveFor = TimeSpan.FromDays(20) };
        await fixture.Append("order-1", 2);
        await fixture.Append("invoice-1", 3);
        fixture.Clock.Advance(TimeSpan.FromDays(25));
        await fixture.Append("invoice-2", 1);
        fixture.Clock.Advance(TimeSpan.FromDays(25));

        Assert.Equal(2, await Run(fixture, orders));
        Assert.Equal(3, await Run(fixture, all));
        Assert.Equal(1, await Run(fixture, later));
        Assert.Equal(0, await Run(fixture, all));
        await Run(fixture, all);
        fixture.Reads.Take();
        await Run(fixture, all);
        Assert.Equal(0, fixture.Reads.Take().Events);
        await fixture.Store.Storage.Maintenance.StartEpoch(default);
        await Run(fixture, all);
        Assert.True(fixture.Reads.Take().Events >= 5);
    }

    [Fact]
    public async Task A_run_that_failed_is_continued_from_the_last_one_that_succeeded()
    {
        await using var fixture = await ArchiveFixture.Create(StoreKind.Sqlite);
        await fixture.Append("order-1", 4);
        fixture.Clock.Advance(TimeSpan.FromDays(40));
        Assert.Equal(4, await Run(fixture, Both));
        await fixture.Append("order-2", 7);
        fixture.Clock.Advance(TimeSpan.FromDays(40));
        using var cancelling = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Run(fixture, Both, _ => cancelling.Cancel(), cancelling.Token)); // After the first segment of five events.

        Assert.Equal(9, await fixture.CountArchived());
        Assert.Equal(2, await Run(fixture, Both));
        Assert.Equal(0, await Remaining(fixture, Both));
    }

    [Fact]
    public async Task Many_deleted_streams_are_read_with_the_log()
    {
        await using var fixture = await ArchiveFixture.Create(StoreKind.Memory, countsReads: true);
        await AppendMany(fixture, "order", streams: 60, events: 3);
        await Run(fixture, Both);
        foreach (var number in Enumerable.Range(0, 60))
            await fixture.Store.Delete(new StreamId($"order-{number}"), ExpectedVersion.Any, "test");
        fixture.Reads.Take();

        Assert.Equal(180, await Run(fixture, Both));

        Assert.InRange(fixture.Reads.Take().Events, 180, 400);
    }

    [Theory]
    [InlineData(StoreKind.Memory, 1, 12)]
    [InlineData(StoreKind.Sqlite, 100, 3)]
    public async Task No_history_has_a_stream_that_is_missed(StoreKind kind, int firstSeed, int seeds)
    {
        for (var seed = firstSeed; seed < firstSeed + seeds; seed++)
        {
            await using var fixture = await ArchiveFixture.Create(kind);
            var random = new Random(seed);
            for (var step = 0; step < 60; step++)
            {
                var stream = new StreamId($"order-{random.Next(8)}");
                await Change(fixture, random, stream);
                if (random.Next(6) > 0)
                    continue;
                await Run(fixture, Both);
                Assert.True(
                    await Remaining(fixture, Both) == 0, $"Seed {seed}, step {step}: a run missed events.");
            }
            Assert.True((await fixture.Archive.Check()).IsSound, $"Seed {seed}");
        }
    }

    private static async Task Change(ArchiveFixture fixture, Random random, StreamId stream)
    {
        try
        {
            switch (random.Next(14))
            {
                case 0:
                    await fixture.Store.Delete(stream, ExpectedVersion.StreamExists, "test");
                    break;
                case 1:
                    await fixture.Store.Truncate(stream, random.Next(1, 6), "test", "ann");
                    break;
                case 2 when random.Next(3) == 0:
                    await fixture.Store.Tombstone(stream, ExpectedVersion.StreamExists, "test");
                    break;
                case 3:
                    await fixture.Archive.Restore(stream);
                    break;
                case 4 when random.Next(5) == 0:
                    await fixture.Archive.RestoreAll();
                    break;
                case 5 or 6 or 7:
                    fixture.Clock.Advance(TimeSpan.FromDays(random.Next(1, 25)));
                    break;
                default:
                    await fixture.Append(stream.Value, random.Next(1, 4));
                    break;
            }
        }
        catch (MillraceException)
        {
            // The stream does not exist, or is closed.
        }
    }

    /// <summary>Archives like the scheduler, and returns the number of events.</summary>
    private static async Task<long> Run(
        ArchiveFixture fixture,
        ArchiveScheduleOptions options,
        Action<ArchiveReport>? written = null,
        CancellationToken cancellationToken = default)
    {
        var events = 0L;
        foreach (var selection in options.SelectionsAt(fixture.Clock.GetUtcNow()))
            events += (await fixture.Archive
                .RunScheduled(selection, written ?? (static _ => { }), cancellationToken)).Events;
        return events;
    }

    /// <summary>Returns the number of events that a read of the whole log would archive now.</summary>
    private static async Task<long> Remaining(ArchiveFixture fixture, ArchiveScheduleOptions options)
    {
        var events = 0L;
        foreach (var selection in options.SelectionsAt(fixture.Clock.GetUtcNow()))
            events += (await fixture.Archive.Run(selection with { IsDryRun = true })).Events;
        return events;
    }

    /// <summary>Appends events to streams in turn, all of them at the same time.</summary>
    private static async Task AppendMany(ArchiveFixture fixture, string category, int streams, int events)
    {
        for (var i = 0; i < events; i++)
        {
            var request = new CommitRequest
            {
                Appends =
                [
                    .. Enumerable.Range(0, streams).Select(number => new StreamAppend(
                        new StreamId($"{category}-{number}"),
                        ExpectedVersion.Any,
                        [
                            new EncodedEvent
                            {
                                Id = Guid.CreateVersion7(),
                                Type = "shop.happened",
                                Payload = "{}"u8.ToArray(),
                            },
                        ])),
                ],
            };
            Assert.Null((await fixture.Store.TryCommit(request, isBackground: false, default)).Refusal);
        }
    }
}
