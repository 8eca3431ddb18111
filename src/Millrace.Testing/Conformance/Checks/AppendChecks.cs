using Millrace.Storage;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>Contains checks of appends to one stream. They cover versions, positions and expected versions.</summary>
internal static class AppendChecks
{
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("A new store is empty and in its first epoch", A_new_store_is_empty),
        new("Opening an open store again does nothing", Opening_again_does_nothing),
        new(
            "Versions start at 1 in each stream, positions start at 1 in the log, and neither has gaps",
            Versions_and_positions_count),
        new(
            "A commit's outcome contains the positions and the recorded time of the events",
            An_outcome_contains_positions),
        new("An expected version accepts a stream that matches it", Expected_versions_accept),
        new(
            "An expected version refuses any other stream, and the exception describes the conflict",
            Expected_versions_refuse),
        new("A refused append changes nothing and leaves no gap", A_refused_append_changes_nothing),
        new("A commit with a cancelled token writes nothing", A_cancelled_commit_writes_nothing),
        new("A batch without requests has no effect", An_empty_batch_is_nothing),
        new("Many events of one append are stored in order", Many_events_keep_their_order),
    ];

    private static async Task A_new_store_is_empty(StorageProbe probe)
    {
        Expect.Equal(new LogHead(1, 0), await probe.Log.GetHead(probe.Cancel), "the head of an empty log");
        Expect.Equal(StreamHead.None, await probe.Head("missing"), "a stream that never existed");
        Expect.Equal(0, (await probe.ReadLog()).Count, "events in an empty log");
        Expect.Equal(0, (await probe.ReadLogBackwards()).Count, "events in an empty log, backwards");
        Expect.Equal(0, (await probe.ReadStream("missing")).Count, "events in a stream that never existed");
        Expect.Equal(0, await probe.Log.Count(EventFilter.All, probe.Cancel), "the count of an empty log");
        Expect.Equal(null, await probe.Log.FindEvent(Sample.Id(1), probe.Cancel), "an event that was never appended");
        Expect.Equal(0, (await probe.Log.ListStreams("", null, 10, probe.Cancel)).Count, "streams of an empty store");
        Expect.Equal(0, (await probe.Log.ListRemovals(null, probe.Cancel)).Count, "removals of an empty store");
    }

    private static async Task Opening_again_does_nothing(StorageProbe probe)
    {
        await probe.Append("order-1", ExpectedVersion.NoStream, Sample.Event(1));

        await probe.Storage.Open(probe.Cancel);

        Expect.Equal(1, (await probe.ReadLog()).Count, "events after opening again");
        await probe.Append("order-1", ExpectedVersion.Exactly(1), Sample.Event(2));
    }

    private static async Task Versions_and_positions_count(StorageProbe probe)
    {
        for (var i = 0; i < 20; i++)
            await probe.Append($"order-{i % 3}", ExpectedVersion.Any, Sample.Events(10 * i, 1 + (i % 4)));

        var log = await probe.ReadLog();
        Expect.Equal(50, log.Count, "events in the log");
        Expect.Same(
            Enumerable.Range(1, log.Count).Select(number => (long)number),
            log.Select(one => one.Position),
            "positions of the log");
        Expect.Equal(log.Count, await probe.LastPosition(), "the head of the log");
        foreach (var stream in log.GroupBy(one => one.Stream))
        {
            var versions = Enumerable.Range(1, stream.Count()).Select(number => (long)number);
            Expect.Same(versions, stream.Select(one => one.Version), $"versions of '{stream.Key}'");
            Expect.Equal(
                new StreamHead(stream.Count(), 1, StreamState.Open),
                await probe.Head(stream.Key.Value),
                $"the head of '{stream.Key}'");
        }
    }

    private static async Task An_outcome_contains_positions(StorageProbe probe)
    {
        await probe.Append("order-1", ExpectedVersion.NoStream, Sample.Events(1, 2));
        var now = probe.Now;

        var outcome = await probe.Append("order-2", ExpectedVersion.NoStream, Sample.Events(3, 3));

        Expect.Same([new AppendPlacement(1, 3, 3, 5)], outcome.Placements, "the placements of the append");
        Expect.Equal(5, outcome.Position, "the last position written");
        Expect.Equal(now, outcome.Timestamp, "the recorded time");
    }

    private static async Task Expected_versions_accept(StorageProbe probe)
    {
        await probe.Append("a", ExpectedVersion.Any, Sample.Event(1));
        await probe.Append("a", ExpectedVersion.Any, Sample.Event(2));
        await probe.Append("a", ExpectedVersion.StreamExists, Sample.Event(3));
        await probe.Append("a", ExpectedVersion.Exactly(3), Sample.Event(4));
        await probe.Append("b", ExpectedVersion.NoStream, Sample.Event(5));

        Expect.Equal(4, (await probe.Head("a")).Version, "the version of 'a'");
        Expect.Equal(1, (await probe.Head("b")).Version, "the version of 'b'");
    }

    private static async Task Expected_versions_refuse(StorageProbe probe)
    {
        await probe.Append("a", ExpectedVersion.NoStream, Sample.Events(1, 3));

        foreach (var (stream, expected, actual) in new[]
            {
                ("a", ExpectedVersion.NoStream, 3L),
                ("a", ExpectedVersion.Exactly(2), 3L),
                ("a", ExpectedVersion.Exactly(4), 3L),
                ("b", ExpectedVersion.StreamExists, 0L),
                ("b", ExpectedVersion.Exactly(1), 0L),
                ("A", ExpectedVersion.Exactly(3), 0L),
            }
        )
        {
            var refused = await probe.Refuse<VersionConflictException>(
                Sample.Append(stream, expected, Sample.Event(9)));
            Expect.Equal(
                (new StreamId(stream), expected, actual),
                (refused.Stream, refused.Expected, refused.Actual),
                "the properties of the conflict");
        }
    }

    private static async Task A_refused_append_changes_nothing(StorageProbe probe)
    {
        await probe.Append("a", ExpectedVersion.NoStream, Sample.Event(1));

        await probe.Refuse<VersionConflictException>(Sample.Append("a", ExpectedVersion.NoStream, Sample.Events(2, 3)));
        await probe.Refuse<VersionConflictException>(Sample.Append("b", ExpectedVersion.StreamExists, Sample.Event(5)));
        var next = await probe.Append("a", ExpectedVersion.Exactly(1), Sample.Event(6));

        Expect.Equal(2, next.Position, "the position after the refused requests");
        Expect.Same([Sample.Id(1), Sample.Id(6)], (await probe.ReadLog()).Select(one => one.Id), "the log");
        Expect.Equal(
            1, (await probe.Log.ListStreams("", null, 10, probe.Cancel)).Count, "streams after a refused first append");
        Expect.Equal(null, await probe.Log.FindEvent(Sample.Id(5), probe.Cancel), "the refused event");
    }

    private static async Task A_cancelled_commit_writes_nothing(StorageProbe probe)
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Expect.Throws<OperationCanceledException>(
            async () =>
                await probe.Log.Commit(
                    [Sample.Append("a", ExpectedVersion.Any, Sample.Event(1))],
                    probe.Now,
                    cancelled.Token),
            "a commit with a cancelled token");

        Expect.Equal(0, await probe.LastPosition(), "the head of the log");
        await probe.Append("a", ExpectedVersion.NoStream, Sample.Event(1));
    }

    private static async Task An_empty_batch_is_nothing(StorageProbe probe)
    {
        await probe.Commit();

        Expect.Equal(0, await probe.LastPosition(), "the head of the log");
    }

    private static async Task Many_events_keep_their_order(StorageProbe probe)
    {
        await probe.Append("a", ExpectedVersion.NoStream, Sample.Events(1, 5_000));

        var ids = Enumerable.Range(1, 5_000).Select(Sample.Id).ToList();
        Expect.Same(ids, (await probe.ReadStream("a", limit: 777)).Select(one => one.Id), "the stream");
        Expect.Same(ids, (await probe.ReadLog(limit: 1_000)).Select(one => one.Id), "the log");
    }
}
