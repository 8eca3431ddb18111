using Millrace.Storage;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>Contains checks of removal records, which distinguish removed events from lost events.</summary>
internal static class RemovalRecordChecks
{
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("A deletion is recorded with its range, reason, person and time", A_deletion),
        new("A truncation is recorded with its range and the number of removed events", A_truncation),
        new("A truncation without events to remove writes no record", A_truncation_of_nothing),
        new("A tombstone is recorded with its range and the number of removed events", A_tombstone),
        new("The removals of one stream or of all streams are listed, oldest first", Listed),
        new("Removals are read in pages, and each page has the number to continue after", In_parts),
        new("Events in removal records are not counted as lost", Not_lost),
    ];

    private static async Task A_deletion(StorageProbe probe)
    {
        await RemovalChecks.Prepare(probe);
        var now = probe.Now;

        await probe.Do(Sample.Remove(Sample.Removal("a", RemovalKind.Delete)));

        await ExpectRecord(
            probe, new(new StreamId("a"), RemovalKind.Delete, 1, 5, 0, "no longer needed", "an operator", now));
    }

    private static async Task A_truncation(StorageProbe probe)
    {
        await RemovalChecks.Prepare(probe);
        var now = probe.Now;

        await probe.Do(Sample.Remove(Sample.Removal("a", RemovalKind.Truncate, before: 4) with { By = null }));

        await ExpectRecord(probe, new(new StreamId("a"), RemovalKind.Truncate, 1, 3, 3, "no longer needed", null, now));
        await probe.Do(Sample.Remove(Sample.Removal("a", RemovalKind.Truncate, before: 5)));
        var second = (await probe.Log.ListRemovals(null, probe.Cancel))[1];
        Expect.Equal(
            (4L, 4L, 1L),
            (second.FromVersion, second.ToVersion, second.Events),
            "the range and the event count of the second truncation");
    }

    private static async Task A_truncation_of_nothing(StorageProbe probe)
    {
        await RemovalChecks.Prepare(probe);
        await probe.Do(Sample.Remove(Sample.Removal("b", RemovalKind.Truncate, before: 1)));
        await probe.Do(Sample.Remove(Sample.Removal("a", RemovalKind.Truncate, before: 3)));
        var head = await probe.Head("a");

        await probe.Do(Sample.Remove(Sample.Removal("a", RemovalKind.Truncate, before: 3)));
        await probe.Do(Sample.Remove(Sample.Removal("a", RemovalKind.Truncate, before: 2)));

        var record = (await probe.Log.ListRemovals(null, probe.Cancel)).One();
        Expect.Equal(
            (1L, 2L, 2L),
            (record.FromVersion, record.ToVersion, record.Events),
            "the range and the event count of the only record");
        Expect.Equal(head, await probe.Head("a"), "the head of the stream");
    }

    private static async Task A_tombstone(StorageProbe probe)
    {
        await RemovalChecks.Prepare(probe);
        var now = probe.Now;

        await probe.Do(Sample.Remove(Sample.Removal("a", RemovalKind.Tombstone)));

        await ExpectRecord(
            probe, new(new StreamId("a"), RemovalKind.Tombstone, 1, 4, 4, "no longer needed", "an operator", now));
    }

    private static async Task Listed(StorageProbe probe)
    {
        await RemovalChecks.Prepare(probe);
        await probe.Do(Sample.Remove(Sample.Removal("a", RemovalKind.Truncate, before: 3)));
        await probe.Do(Sample.Remove(Sample.Removal("b", RemovalKind.Delete)));
        await probe.Do(Sample.Remove(Sample.Removal("a", RemovalKind.Delete)));

        var all = await probe.Log.ListRemovals(null, probe.Cancel);
        var one = await probe.Log.ListRemovals(new StreamId("a"), probe.Cancel);

        Expect.Same(
            [("a", RemovalKind.Truncate), ("b", RemovalKind.Delete), ("a", RemovalKind.Delete)],
            all.Select(record => (record.Stream.Value, record.Kind)),
            "all removals");
        Expect.Same(
            [RemovalKind.Truncate, RemovalKind.Delete],
            one.Select(record => record.Kind),
            "removals of one stream");
        Expect.Equal(
            (3L, 5L),
            (one[1].FromVersion, one[1].ToVersion),
            "the range in the record of a truncated stream's deletion");
        Expect.Equal(
            0,
            (await probe.Log.ListRemovals(new StreamId("nobody"), probe.Cancel)).Count,
            "removals of a stream without removals");
    }

    private static async Task In_parts(StorageProbe probe)
    {
        Expect.Equal(
            0L,
            (await probe.Log.ReadRemovals(long.MaxValue, 10, probe.Cancel)).Next,
            "the last number of a store without removals");
        await RemovalChecks.Prepare(probe);
        await probe.Do(Sample.Remove(Sample.Removal("a", RemovalKind.Truncate, before: 2)));
        await probe.Do(Sample.Remove(Sample.Removal("a", RemovalKind.Truncate, before: 3)));
        await probe.Do(Sample.Remove(Sample.Removal("b", RemovalKind.Delete)));
        var all = await probe.Log.ListRemovals(null, probe.Cancel);

        var first = await probe.Log.ReadRemovals(0, 2, probe.Cancel);
        var rest = await probe.Log.ReadRemovals(first.Next, 2, probe.Cancel);
        var none = await probe.Log.ReadRemovals(rest.Next, 2, probe.Cancel);
        var last = await probe.Log.ReadRemovals(long.MaxValue, 2, probe.Cancel);

        Expect.Same(
            all, first.Removals.Concat(rest.Removals).Select(removal => removal.Record), "the removals of two pages");
        Expect.Equal(
            (2, 1, 0, 0),
            (first.Removals.Count, rest.Removals.Count, none.Removals.Count, last.Removals.Count),
            "the sizes of the pages");
        Expect.Equal(
            (first.Removals[^1].Number, rest.Removals[^1].Number, rest.Next, rest.Next),
            (first.Next, rest.Next, none.Next, last.Next),
            "the number to continue after");
        Expect.True(
            first.Removals[0].Number > 0 && first.Next > first.Removals[0].Number && rest.Next > first.Next,
            "the numbers start at 1 and increase");
    }

    private static async Task Not_lost(StorageProbe probe)
    {
        await RemovalChecks.Prepare(probe);
        await probe.Do(Sample.Remove(Sample.Removal("a", RemovalKind.Truncate, before: 3)));
        await probe.Do(Sample.Remove(Sample.Removal("a", RemovalKind.Tombstone)));
        await probe.Do(Sample.Remove(Sample.Removal("b", RemovalKind.Delete)));

        var report = await probe.Storage.Maintenance.Verify(null, probe.Cancel);
        var info = await probe.Storage.Maintenance.GetInfo(probe.Cancel);

        Expect.Equal((4L, 0L), (report.RemovedEvents, report.LostEvents), "the numbers of removed and lost events");
        Expect.True(report.IsSound, string.Join(" ", report.Checks.SelectMany(check => check.Problems)));
        Expect.Equal(
            (2L, 4L, 2L),
            (info.Events, info.RemovedEvents, info.Streams),
            "the numbers of events, removed events and streams");
    }

    private static async Task ExpectRecord(StorageProbe probe, RemovalRecord expected)
    {
        var record = (await probe.Log.ListRemovals(expected.Stream, probe.Cancel)).One();
        Expect.Equal(expected, record, "the record");
    }
}
