using Millrace.Storage;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>
/// Contains checks of appends with repeated event ids. The store recognizes repetitions and refuses partial ones.
/// </summary>
internal static class IdempotencyChecks
{
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new(
            "An append repeated with its expected version gets the first outcome and is written once",
            Repeated_with_an_exact_version),
        new(
            "An append repeated with any version gets the first outcome and is written once",
            Repeated_with_any_version),
        new("A repetition is recognized even if other events followed", Repeated_later),
        new("A repetition within one batch is recognized", Repeated_in_a_batch),
        new("A repetition of appends to several streams is recognized", Repeated_over_streams),
        new("A repetition of two appends to the same stream is recognized", Repeated_twice_in_a_stream),
        new("A partial repetition is a conflict and writes nothing", A_partial_repetition),
        new("A request that repeats the append to only one of its streams is a conflict", A_half_repeated_request),
        new("The same event ids in another stream are not a repetition", The_same_ids_in_another_stream),
        new("The store does not look up ids that it generated", Generated_ids),
    ];

    private static async Task Repeated_with_an_exact_version(StorageProbe probe)
    {
        await probe.Append("a", ExpectedVersion.NoStream, Sample.Event(1));
        var first = await probe.Append("a", ExpectedVersion.Exactly(1), Sample.Events(2, 3));

        var again = await probe.Try(Sample.Append("a", ExpectedVersion.Exactly(1), Sample.Events(2, 3)));

        ExpectRepeated(first, again);
        Expect.Same([1, 2, 3, 4], (await probe.ReadLog()).Select(BatchChecks.NumberOf), "the log");
        Expect.Equal(4, (await probe.Head("a")).Version, "the stream's version");
    }

    private static async Task Repeated_with_any_version(StorageProbe probe)
    {
        await probe.Append("b", ExpectedVersion.NoStream, Sample.Event(9));
        var first = await probe.Append("a", ExpectedVersion.Any, Sample.Events(1, 2));

        ExpectRepeated(first, await probe.Try(Sample.Append("a", ExpectedVersion.Any, Sample.Events(1, 2))));
        ExpectRepeated(first, await probe.Try(Sample.Append("a", ExpectedVersion.StreamExists, Sample.Events(1, 2))));

        Expect.Same([9, 1, 2], (await probe.ReadLog()).Select(BatchChecks.NumberOf), "the log");
    }

    private static async Task Repeated_later(StorageProbe probe)
    {
        var first = await probe.Append("a", ExpectedVersion.NoStream, Sample.Events(1, 2));
        await probe.Append("a", ExpectedVersion.Exactly(2), Sample.Events(3, 5));
        await probe.Append("b", ExpectedVersion.NoStream, Sample.Event(8));

        ExpectRepeated(first, await probe.Try(Sample.Append("a", ExpectedVersion.NoStream, Sample.Events(1, 2))));
        ExpectRepeated(first, await probe.Try(Sample.Append("a", ExpectedVersion.Any, Sample.Events(1, 2))));

        Expect.Equal(8, await probe.LastPosition(), "the head of the log");
    }

    private static async Task Repeated_in_a_batch(StorageProbe probe)
    {
        var outcomes = await probe.Commit(
            Sample.Append("a", ExpectedVersion.NoStream, Sample.Events(1, 2)),
            Sample.Append("a", ExpectedVersion.NoStream, Sample.Events(1, 2)),
            Sample.Append("a", ExpectedVersion.Any, Sample.Events(1, 2)),
            Sample.Append("a", ExpectedVersion.Any, Sample.Event(3)));

        ExpectRepeated(outcomes[0], outcomes[1]);
        ExpectRepeated(outcomes[0], outcomes[2]);
        Expect.Committed(outcomes[3], "the last request");
        Expect.Same([1, 2, 3], (await probe.ReadLog()).Select(BatchChecks.NumberOf), "the log");
    }

    private static async Task Repeated_over_streams(StorageProbe probe)
    {
        var request = new CommitRequest
        {
            Appends =
            [
                Sample.To("a", ExpectedVersion.NoStream, Sample.Event(1)),
                Sample.To("b", ExpectedVersion.Any, Sample.Events(2, 2)),
            ],
        };
        var first = await probe.Do(request);

        ExpectRepeated(first, await probe.Try(request));

        Expect.Equal(3, await probe.LastPosition(), "the head of the log");
    }

    private static async Task Repeated_twice_in_a_stream(StorageProbe probe)
    {
        var request = new CommitRequest
        {
            Appends =
            [
                Sample.To("a", ExpectedVersion.NoStream, Sample.Events(1, 2)),
                Sample.To("a", ExpectedVersion.Exactly(2), Sample.Event(3)),
            ],
        };
        var first = await probe.Do(request);

        ExpectRepeated(first, await probe.Try(request));

        Expect.Equal(3, await probe.LastPosition(), "the head of the log");
    }

    private static async Task A_partial_repetition(StorageProbe probe)
    {
        await probe.Append("a", ExpectedVersion.NoStream, Sample.Events(1, 3));

        EncodedEvent[] longer = [Sample.Event(2), Sample.Event(3), Sample.Event(4)];
        EncodedEvent[] mixed = [Sample.Event(1), Sample.Event(3)];
        var exact = await probe.Refuse<EventIdConflictException>(
            Sample.Append("a", ExpectedVersion.Exactly(1), longer));
        var any = await probe.Refuse<EventIdConflictException>(Sample.Append("a", ExpectedVersion.Any, mixed));

        Expect.Equal(
            (new StreamId("a"), Sample.Id(2)), (exact.Stream, exact.EventId), "the properties of the conflict");
        Expect.Equal((new StreamId("a"), Sample.Id(1)), (any.Stream, any.EventId), "the properties of the conflict");
        Expect.Equal(3, await probe.LastPosition(), "the head of the log");
    }

    private static async Task A_half_repeated_request(StorageProbe probe)
    {
        await probe.Append("a", ExpectedVersion.NoStream, Sample.Event(1));

        await probe.Refuse<EventIdConflictException>(
            new CommitRequest
            {
                Appends =
                [
                    Sample.To("a", ExpectedVersion.NoStream, Sample.Event(1)),
                    Sample.To("b", ExpectedVersion.NoStream, Sample.Event(2)),
                ],
            }
        );

        Expect.Equal(0, (await probe.Head("b")).Version, "the version of the other stream");
        Expect.Equal(1, await probe.LastPosition(), "the head of the log");
    }

    private static async Task The_same_ids_in_another_stream(StorageProbe probe)
    {
        await probe.Append("b", ExpectedVersion.NoStream, Sample.Events(1, 2));

        await probe.Append("a", ExpectedVersion.Any, Sample.Events(1, 2));

        Expect.Same(
            [(1L, "b"), (2, "b"), (3, "a"), (4, "a")],
            (await probe.ReadLog()).Select(one => (one.Position, one.Stream.Value)),
            "the log");
        var found = Expect.NotNull(await probe.Log.FindEvent(Sample.Id(2), probe.Cancel), "the event by its id");
        Expect.Equal(2, found.Position, "the first position of an id in two streams");
    }

    private static async Task Generated_ids(StorageProbe probe)
    {
        await probe.Append("a", ExpectedVersion.NoStream, Sample.Event(1, hasCallerId: false));

        var second = await probe.Append("a", ExpectedVersion.Any, Sample.Event(2, hasCallerId: false));

        Expect.Equal(2, second.Position, "the position of the second event");
    }

    private static void ExpectRepeated(CommitOutcome first, CommitOutcome again)
    {
        Expect.Equal(CommitResult.Repeated, again.Result, $"the repetition ({again.Refusal?.Message})");
        Expect.Same(first.Placements, again.Placements, "the placements of the repeated events");
        Expect.Equal(first.Position, again.Position, "the repetition's position");
    }
}
