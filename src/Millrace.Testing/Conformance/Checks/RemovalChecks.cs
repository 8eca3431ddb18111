using Millrace.Storage;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>Contains checks of deleted, truncated and tombstoned streams.</summary>
internal static class RemovalChecks
{
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("A deleted stream reads like a missing stream, and its events remain in the log", Deleted),
        new("An append recreates a deleted stream with the next version", Recreated),
        new(
            "A truncated stream starts at the requested version, and earlier events are removed from the log",
            Truncated),
        new("The last event of a stream is never removed", The_last_stays),
        new("A closed stream can be neither read nor written, and only its last event remains in the log", Closed),
        new(
            "A removal is refused when the stream has another version, is missing or was removed",
            Refused),
        new("Versions and positions of removed events are never assigned again", Never_again),
        new("Removals and appends of a batch are applied in order", In_a_batch),
        new("A recreated stream can be truncated and deleted again", Removed_after_recreation),
        new("A removal sees the events that its own request appends", In_the_request_of_an_append),
    ];

    private static async Task Deleted(StorageProbe probe)
    {
        await Prepare(probe);

        await probe.Do(Sample.Remove(Sample.Removal("a", RemovalKind.Delete, expected: ExpectedVersion.Exactly(5))));

        Expect.Equal(new StreamHead(5, 6, StreamState.Deleted), await probe.Head("a"), "the deleted stream");
        Expect.Equal(0, (await probe.ReadStream("a")).Count, "the number of readable events");
        Expect.Equal(0, (await probe.ReadStreamBackwards("a")).Count, "the number of readable events, backwards");
        Expect.Equal(6, (await probe.ReadLog()).Count, "events in the log");
        Expect.True(
            await probe.Log.FindEvent(Sample.Id(3), probe.Cancel) is not null,
            "an event of the deleted stream is not found by its id");
        var listed = (await probe.Log.ListStreams("a", null, 10, probe.Cancel)).One();
        Expect.Equal(
            new StreamInfo(new StreamId("a"), 5, 6, StreamState.Deleted), listed, "the deleted stream in the list");
    }

    private static async Task Recreated(StorageProbe probe)
    {
        await Prepare(probe);
        await probe.Do(Sample.Remove(Sample.Removal("a", RemovalKind.Delete)));
        var refused = await probe.Refuse<VersionConflictException>(
            Sample.Append("a", ExpectedVersion.StreamExists, Sample.Event(20)));
        Expect.Equal(0, refused.Actual, "the version of a deleted stream in a conflict");

        var outcome = await probe.Append("a", ExpectedVersion.NoStream, Sample.Events(21, 2));

        Expect.Same([new AppendPlacement(6, 7, 7, 8)], outcome.Placements, "the placement of the new events");
        Expect.Equal(new StreamHead(7, 6, StreamState.Open), await probe.Head("a"), "the stream");
        Expect.Same(
            [21, 22],
            (await probe.ReadStream("a")).Select(BatchChecks.NumberOf),
            "the readable events");
        Expect.Same(
            [22, 21],
            (await probe.ReadStreamBackwards("a")).Select(BatchChecks.NumberOf),
            "the readable events, backwards");
    }

    private static async Task Truncated(StorageProbe probe)
    {
        await Prepare(probe);

        await probe.Do(Sample.Remove(Sample.Removal("a", RemovalKind.Truncate, before: 4)));

        Expect.Equal(new StreamHead(5, 4, StreamState.Open), await probe.Head("a"), "the truncated stream");
        Expect.Same([4, 5], (await probe.ReadStream("a")).Select(one => one.Version), "readable versions");
        Expect.Same(
            [5, 4],
            (await probe.ReadStreamBackwards("a")).Select(one => one.Version),
            "readable versions, backwards");
        Expect.Same(
            [3, 5, 6], (await probe.ReadLog()).Select(one => one.Position), "the remaining positions of the log");
        Expect.Same(
            [6, 5, 3],
            (await probe.ReadLogBackwards()).Select(one => one.Position),
            "the remaining positions of the log, backwards");
        Expect.Equal(null, await probe.Log.FindEvent(Sample.Id(1), probe.Cancel), "a removed event by its id");
        Expect.Equal(3, await probe.Log.Count(EventFilter.All, probe.Cancel), "the count of events");
        Expect.Equal(
            2,
            await probe.Log.Count(EventFilter.OfTypes("thing.happened") with { StreamPrefix = "a" }, probe.Cancel),
            "the count by stream");
        Expect.Equal(6, await probe.LastPosition(), "the head of the log");
        await probe.Append("a", ExpectedVersion.Exactly(5), Sample.Event(30));
    }

    private static async Task The_last_stays(StorageProbe probe)
    {
        await Prepare(probe);

        var refused = await probe.Refuse<LimitExceededException>(
            Sample.Remove(Sample.Removal("a", RemovalKind.Truncate, before: 6)));
        await probe.Do(Sample.Remove(Sample.Removal("a", RemovalKind.Truncate, before: 5)));

        Expect.Equal((6L, 5L), (refused.Actual, refused.Limit), "the properties of the exception");
        Expect.Same([5], (await probe.ReadStream("a")).Select(one => one.Version), "the remaining versions");
    }

    private static async Task Closed(StorageProbe probe)
    {
        await Prepare(probe);

        await probe.Do(Sample.Remove(Sample.Removal("a", RemovalKind.Tombstone)));

        Expect.Equal(
            (5L, StreamState.Closed),
            ((await probe.Head("a")).Version, (await probe.Head("a")).State),
            "the closed stream");
        Expect.Equal(0, (await probe.ReadStream("a")).Count, "the number of readable events");
        Expect.Same([3, 6], (await probe.ReadLog()).Select(one => one.Position), "the remaining positions of the log");
        foreach (var expected in new[] { ExpectedVersion.Any, ExpectedVersion.NoStream, ExpectedVersion.Exactly(5) })
        {
            var refused = await probe.Refuse<StreamDeletedException>(Sample.Append("a", expected, Sample.Event(30)));
            Expect.Equal(
                (new StreamId("a"), true), (refused.Stream, refused.IsClosed), "the properties of the exception");
        }
        await probe.Refuse<StreamDeletedException>(Sample.Remove(Sample.Removal("a", RemovalKind.Delete)));
        await probe.Refuse<StreamDeletedException>(Sample.Remove(Sample.Removal("a", RemovalKind.Tombstone)));
    }

    private static async Task Refused(StorageProbe probe)
    {
        await Prepare(probe);

        foreach (var kind in Enum.GetValues<RemovalKind>())
        {
            var other = Sample.Removal("a", kind, before: 2, ExpectedVersion.Exactly(4));
            Expect.Equal(
                5,
                (await probe.Refuse<VersionConflictException>(Sample.Remove(other))).Actual,
                "the version in the conflict");
            await probe.Refuse<StreamNotFoundException>(Sample.Remove(Sample.Removal("nobody", kind, before: 1)));
        }
        await probe.Do(Sample.Remove(Sample.Removal("b", RemovalKind.Delete)));
        await probe.Refuse<StreamNotFoundException>(Sample.Remove(Sample.Removal("b", RemovalKind.Delete)));
        await probe.Refuse<StreamNotFoundException>(
            Sample.Remove(Sample.Removal("b", RemovalKind.Truncate, before: 1)));

        Expect.Equal(5, (await probe.ReadStream("a")).Count, "events of the stream");
        Expect.Equal(6, (await probe.ReadLog()).Count, "events in the log");
        Expect.Equal(1, (await probe.Log.ListRemovals(null, probe.Cancel)).Count, "records");
    }

    private static async Task Never_again(StorageProbe probe)
    {
        await Prepare(probe);
        await probe.Do(Sample.Remove(Sample.Removal("a", RemovalKind.Tombstone)));
        await probe.Do(Sample.Remove(Sample.Removal("b", RemovalKind.Delete)));

        var outcome = await probe.Append("b", ExpectedVersion.Any, Sample.Event(40));

        Expect.Same([new AppendPlacement(2, 2, 7, 7)], outcome.Placements, "the placement of the next event");
        Expect.Same(
            [3, 6, 7], (await probe.ReadLog()).Select(one => one.Position), "the remaining positions of the log");
    }

    private static async Task In_a_batch(StorageProbe probe)
    {
        await Prepare(probe);

        var outcomes = await probe.Commit(
            Sample.Remove(Sample.Removal("a", RemovalKind.Delete)),
            Sample.Append("a", ExpectedVersion.NoStream, Sample.Event(50)),
            Sample.Remove(Sample.Removal("b", RemovalKind.Tombstone)),
            Sample.Append("b", ExpectedVersion.Any, Sample.Event(51)),
            Sample.Append("a", ExpectedVersion.Exactly(6), Sample.Event(52)));

        Expect.Same(
            [new AppendPlacement(6, 6, 7, 7)],
            outcomes[1].Placements,
            "the placement of the event after the deletion");
        Expect.Refused<StreamDeletedException>(outcomes[3], "an append to a stream that was closed in the batch");
        Expect.Committed(outcomes[4], "the append to the recreated stream");
        Expect.Same([50, 52], (await probe.ReadStream("a")).Select(BatchChecks.NumberOf), "the stream");
    }

    private static async Task Removed_after_recreation(StorageProbe probe)
    {
        await Prepare(probe);
        await probe.Do(Sample.Remove(Sample.Removal("a", RemovalKind.Delete)));
        await probe.Append("a", ExpectedVersion.NoStream, Sample.Events(60, 3));

        await probe.Do(Sample.Remove(Sample.Removal("a", RemovalKind.Truncate, before: 7)));
        Expect.Same([61, 62], (await probe.ReadStream("a")).Select(BatchChecks.NumberOf), "the truncated stream");
        Expect.Same([6, 61, 62], (await probe.ReadLog()).Select(BatchChecks.NumberOf), "the log");
        await probe.Do(Sample.Remove(Sample.Removal("a", RemovalKind.Delete)));

        Expect.Equal(
            0, (await probe.ReadStream("a")).Count, "the number of events of the stream that was deleted again");
        await probe.Append("a", ExpectedVersion.NoStream, Sample.Event(70));
        Expect.Same(
            [(9L, 70)],
            (await probe.ReadStream("a")).Select(one => (one.Version, BatchChecks.NumberOf(one))),
            "the stream");
    }

    private static async Task In_the_request_of_an_append(StorageProbe probe)
    {
        await Prepare(probe);
        var deleted = Sample.Removal("b", RemovalKind.Delete);
        await probe.Do(Sample.Remove(deleted));

        await probe.Do(new CommitRequest
        {
            Appends =
            [
                .. Sample.Append("a", ExpectedVersion.Exactly(5), Sample.Event(20)).Appends,
                .. Sample.Append("b", ExpectedVersion.NoStream, Sample.Event(21)).Appends,
            ],
            Removals =
            [
                Sample.Removal("a", RemovalKind.Truncate, before: 6, expected: ExpectedVersion.Exactly(6)),
                Sample.Removal("a", RemovalKind.Delete),
                Sample.Removal("b", RemovalKind.Truncate, before: 2),
            ],
        });

        Expect.Equal(new StreamHead(6, 7, StreamState.Deleted), await probe.Head("a"), "the stream that was deleted");
        Expect.Equal(new StreamHead(2, 2, StreamState.Open), await probe.Head("b"), "the recreated stream");
        Expect.Same([20, 21], (await probe.ReadLog()).Select(BatchChecks.NumberOf), "the events in the log");
        await probe.Refuse<StreamNotFoundException>(new CommitRequest
        {
            Removals = [Sample.Removal("b", RemovalKind.Delete), Sample.Removal("b", RemovalKind.Delete)],
        });
        Expect.Equal(new StreamHead(2, 2, StreamState.Open), await probe.Head("b"), "the stream after a refusal");
    }

    /// <summary>
    /// Writes five events in stream 'a', at positions 1, 2, 4, 5 and 6, and one in stream 'b', at position 3.
    /// </summary>
    internal static async Task Prepare(StorageProbe probe)
    {
        await probe.Append("a", ExpectedVersion.NoStream, Sample.Events(1, 2));
        await probe.Append("b", ExpectedVersion.NoStream, Sample.Event(6));
        await probe.Append("a", ExpectedVersion.Exactly(2), Sample.Events(3, 3));
    }
}
