using System.Text;
using Millrace.Storage;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>Contains checks of replaced contents, which the archive needs.</summary>
internal static class ReplacementChecks
{
    private const StorageFeatures Needed = StorageFeatures.ReplacesContents;

    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("A replacement changes the content of its event, and nothing else", Only_the_content, Needed),
        new("A replacement is committed together with the documents of its request", With_documents, Needed),
        new("A replacement of an event that no longer exists is skipped", Of_a_removed_event, Needed),
        new("Repetitions, conditions and filters do not depend on replaced contents", Other_values, Needed),
        new(
            "Replaced contents are unchanged after the storage is reopened",
            Reopened,
            Needed | StorageFeatures.Reopens),
    ];

    private static async Task Only_the_content(StorageProbe probe)
    {
        var before = await Prepare(probe);
        var head = await probe.LastPosition();
        var replaced = before.Select((one, i) => i is 1 or 3 ? Changed(one) : one).ToArray();

        await probe.Do(Replace(replaced[1], replaced[3]));

        await ExpectLog(probe, replaced);
        Expect.Equal(head, await probe.LastPosition(), "the head of the log");
        Expect.Equal(4, await probe.Log.Count(EventFilter.All, probe.Cancel), "the count of events");
        Expect.Equal(new StreamHead(3, 1, StreamState.Open), await probe.Head("a"), "the stream");
        Expect.True((await probe.Storage.Maintenance.Verify(null, probe.Cancel)).IsSound, "the store is damaged");

        await probe.Do(Replace(before[1], before[3]));
        await ExpectLog(probe, before);
    }

    private static async Task With_documents(StorageProbe probe)
    {
        var before = await Prepare(probe);
        await probe.Documents.EnsureCollection(Sample.Plain, probe.Cancel);
        await probe.Do(Sample.Write(Sample.Put(Sample.Plain.Name, "segment", "1")));
        CommitRequest RequestFrom(long? version) => new()
        {
            Documents = [Sample.Put(Sample.Plain.Name, "segment", "2") with { FromVersion = version }],
            Replacements = [Changed(before[0])],
        };

        await probe.Refuse<DocumentConflictException>(RequestFrom(0));
        await ExpectLog(probe, before);

        await probe.Do(RequestFrom(null));
        await ExpectLog(probe, [Changed(before[0]), .. before[1..]]);
        var document = await probe.Documents.Get(Sample.Plain.Name, "segment", probe.Cancel);
        Expect.SameBytes("2"u8.ToArray(), document?.Body ?? default, "the document");
    }

    private static async Task Of_a_removed_event(StorageProbe probe)
    {
        var before = await Prepare(probe);
        await probe.Do(Sample.Remove(Sample.Removal("a", RemovalKind.Truncate, before: 2)));

        await probe.Do(Replace(Changed(before[0]), Changed(before[1])));

        await ExpectLog(probe, [Changed(before[1]), .. before[2..]]);
        Expect.Equal(
            null, await probe.Log.FindEvent(Sample.Id(1), probe.Cancel), "the removed event, which was replaced");
    }

    private static async Task Other_values(StorageProbe probe)
    {
        var before = await Prepare(probe);
        var changed = Changed(before[2]);
        await probe.Do(Replace(changed));

        var repeated = await probe.Try(Sample.Append("a", ExpectedVersion.Any, Sample.Events(1, 3)));
        var filtered = await probe.ReadLog(EventFilter.OfTypes("thing.happened") with { StreamPrefix = "a" });
        var condition = new AppendCondition(EventFilter.OfTypes("thing.happened"), before[1].Position);
        await probe.Refuse<ConditionFailedException>(
            new CommitRequest
            {
                Appends = [Sample.To("c", ExpectedVersion.Any, Sample.Event(30))],
                Conditions = [condition],
            });

        Expect.Equal(CommitResult.Repeated, repeated.Result, "the result of the repeated append");
        Expect.Equal(true, repeated.Placements.One().IsRepetition(before), "the append is a repetition");
        Expect.Same(
            before.Take(3).Select(one => one.Position), filtered.Select(one => one.Position), "filtered positions");
        FidelityChecks.ExpectSame(changed, filtered[2]);
    }

    private static async Task Reopened(StorageProbe probe)
    {
        var before = await Prepare(probe);
        await probe.Do(Replace(Changed(before[1])));

        await probe.Reopen();

        await ExpectLog(probe, [before[0], Changed(before[1]), .. before[2..]]);
    }

    /// <summary>Appends three events to one stream and one to another, and returns all.</summary>
    private static async Task<RecordedEvent[]> Prepare(StorageProbe probe)
    {
        await probe.Append("a", ExpectedVersion.NoStream, Sample.Events(1, 3));
        await probe.Append("b", ExpectedVersion.NoStream, Sample.Event(4, tags: new Tag("order", "1")));
        return [.. await probe.ReadLog()];
    }

    private static bool IsRepetition(this AppendPlacement placement, RecordedEvent[] before) =>
        placement.FirstPosition == before[0].Position && placement.LastPosition == before[2].Position;

    /// <summary>Returns the event with other content, which is longer, and has metadata.</summary>
    private static RecordedEvent Changed(RecordedEvent recorded) => recorded.WithContent(
        EventContentType.ArchivedPrefix + recorded.ContentType,
        Encoding.UTF8.GetBytes($"replaced content of the event at position {recorded.Position}"),
        """{"user-id":"archive"}"""u8.ToArray());

    private static CommitRequest Replace(params RecordedEvent[] events) => new() { Replacements = events };

    /// <summary>Throws unless each way to read the events returns them.</summary>
    private static async Task ExpectLog(StorageProbe probe, RecordedEvent[] expected)
    {
        ExpectSame(expected, await probe.ReadLog(), "the log");
        ExpectSame([.. expected.Reverse()], await probe.ReadLogBackwards(), "the log, backwards");
        var stream = expected.Where(one => one.Stream.Value == "a").ToArray();
        ExpectSame(stream, await probe.ReadStream("a", stream[0].Version), "the stream");
        foreach (var one in expected)
            FidelityChecks.ExpectSame(
                one,
                Expect.NotNull(await probe.Log.FindEvent(one.Id, probe.Cancel), $"the event at {one.Position}"));
    }

    private static void ExpectSame(RecordedEvent[] expected, List<RecordedEvent> actual, string subject)
    {
        Expect.Equal(expected.Length, actual.Count, $"the number of events in {subject}");
        foreach (var (one, other) in expected.Zip(actual))
            FidelityChecks.ExpectSame(one, other);
    }
}
