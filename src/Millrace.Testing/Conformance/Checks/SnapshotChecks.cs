using Millrace.Storage;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>Contains checks of snapshots that are read together with their streams.</summary>
internal static class SnapshotChecks
{
    private const int SnapshotAt = 6;

    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new(
            "A snapshot is read with the state of its stream, with or without later events",
            With_its_stream),
        new("A stream without a snapshot is read from its start, or no events are read", Without_snapshot),
        new("A snapshot of a removed stream is returned with the stream's state", Of_removed_streams),
    ];

    private static async Task With_its_stream(StorageProbe probe)
    {
        await Fill(probe);
        foreach (var limit in new[] { 1, 2, 4, 1_000 })
            await ExpectSnapshot(probe, "a", SnapshotAt + 1, limit);
        await ExpectSnapshot(probe, "full", 4, 10);
    }

    private static async Task Without_snapshot(StorageProbe probe)
    {
        await Fill(probe);
        await ExpectSnapshot(probe, "b", 1, 3);
        await ExpectSnapshot(probe, "none", 1, 3);
    }

    private static async Task Of_removed_streams(StorageProbe probe)
    {
        await Fill(probe);
        await probe.Do(Sample.Remove(Sample.Removal("a", RemovalKind.Truncate, before: 9)));
        await ExpectSnapshot(probe, "a", 9, 10);
        await probe.Do(Sample.Remove(Sample.Removal("full", RemovalKind.Delete)));
        await ExpectSnapshot(probe, "full", 4, 10);
        await probe.Append("full", ExpectedVersion.Any, Sample.Event(900));
        await ExpectSnapshot(probe, "full", 4, 10);
    }

    private static async Task ExpectSnapshot(StorageProbe probe, string stream, long from, int limit)
    {
        var id = new StreamId(stream);
        var stored = await probe.Storage.ReadSnapshot(
            new SnapshotQuery(Sample.Plain.Name, "of " + stream, id, limit), probe.Cancel);
        var document = await probe.Documents.Get(Sample.Plain.Name, "of " + stream, probe.Cancel);
        var query = new StreamPageQuery(id, from, IsBackwards: false, limit) { IsFolded = true };
        var page = await probe.Log.ReadStream(query, probe.Cancel);

        Expect.Equal(
            (document?.Key, document?.Version, document?.Position),
            (stored.Document?.Key, stored.Document?.Version, stored.Document?.Position),
            $"the snapshot of '{stream}'");
        Expect.SameBytes(
            document?.Body ?? default, stored.Document?.Body ?? default, $"the bytes of the snapshot of '{stream}'");
        if (stored.Document is not null)
            Expect.Equal(await probe.Head(stream), stored.Head, $"the state of '{stream}'");
        if (stored.EventsAfter is not { } eventsAfter)
            return;
        Expect.Same(
            page.Events.Select(Text), eventsAfter.Events.Select(Text), $"the events after the snapshot of '{stream}'");
        Expect.Equal(page.IsEnd, eventsAfter.IsEnd, $"whether the page is the end of '{stream}'");
        if (!page.IsEnd)
            Expect.Equal(page.Next, eventsAfter.Next, $"the version to continue from in '{stream}'");
    }

    private static string Text(RecordedEvent one) =>
        $"{one.Stream} {one.Version} {one.Position} {one.Type} {one.SchemaVersion} {one.ContentType} "
        + Convert.ToHexString(one.Payload.Span);

    /// <summary>
    /// Writes three streams: ten events with a snapshot at the sixth, events without an event after the snapshot, and
    /// events without a snapshot.
    /// </summary>
    private static async Task Fill(StorageProbe probe)
    {
        await probe.Documents.EnsureCollection(Sample.Plain, probe.Cancel);
        for (var i = 0; i < 10; i++)
        {
            var append = Sample.To("a", ExpectedVersion.AsRead(i), Sample.Event(i));
            await probe.Commit(
                Sample.Append("b", ExpectedVersion.AsRead(2 * i), Sample.Event(100 + i)),
                i + 1 == SnapshotAt ? AppendWithSnapshot(append, "of a") : new CommitRequest { Appends = [append] },
                Sample.Append("b", ExpectedVersion.AsRead((2 * i) + 1), Sample.Event(200 + i)));
        }
        await probe.Do(
            AppendWithSnapshot(Sample.To("full", ExpectedVersion.NoStream, Sample.Events(300, 3)), "of full"));
    }

    /// <summary>Returns a request that appends events and stores a snapshot of the stream.</summary>
    private static CommitRequest AppendWithSnapshot(StreamAppend append, string key) =>
        new() { Appends = [append], Documents = [Sample.Put(Sample.Plain.Name, key, key)] };
}
