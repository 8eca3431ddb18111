using Millrace.Storage;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>
/// Contains checks of batches. Each request of a batch is atomic and independent of the other requests.
/// </summary>
internal static class BatchChecks
{
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("A refused request does not affect other requests of the batch", A_refused_request_leaves_its_neighbours),
        new("A request of a batch sees the changes of the requests before it", A_later_request_sees_the_earlier),
        new(
            "Exactly one of several requests with the same expected version in one batch is committed",
            Exactly_one_wins_in_a_batch),
        new(
            "Exactly one of several requests with the same expected version in several batches is committed",
            Exactly_one_wins_in_turn),
        new("A request that appends to several streams is written completely", Several_streams_are_written_whole),
        new(
            "A request that appends to several streams writes nothing if one of them conflicts",
            One_conflict_leaves_nothing),
        new("Two appends of a request to the same stream get consecutive versions", Two_appends_to_one_stream),
        new("A refused request writes none of its parts", A_refused_request_leaves_no_part),
        new("All parts of a request are written together", All_parts_are_written),
        new("A batch of hundreds of requests has the same result as separate commits", A_large_batch),
    ];

    private static async Task A_refused_request_leaves_its_neighbours(StorageProbe probe)
    {
        var outcomes = await probe.Commit(
            Sample.Append("a", ExpectedVersion.NoStream, Sample.Event(1)),
            Sample.Append("b", ExpectedVersion.StreamExists, Sample.Events(2, 3)),
            Sample.Append("c", ExpectedVersion.NoStream, Sample.Event(5)));

        Expect.Committed(outcomes[0], "the first request");
        Expect.Equal(
            new StreamId("b"),
            Expect.Refused<VersionConflictException>(outcomes[1], "the second request").Stream,
            "the stream in conflict");
        Expect.Committed(outcomes[2], "the third request");
        Expect.Equal(2, outcomes[2].Position, "the position of the third request");
        Expect.Same(
            [(Sample.Id(1), 1L), (Sample.Id(5), 2L)],
            (await probe.ReadLog()).Select(one => (one.Id, one.Position)),
            "the log");
    }

    private static async Task A_later_request_sees_the_earlier(StorageProbe probe)
    {
        var outcomes = await probe.Commit(
            Sample.Append("a", ExpectedVersion.NoStream, Sample.Events(1, 2)),
            Sample.Append("a", ExpectedVersion.Exactly(2), Sample.Event(3)),
            Sample.Append("a", ExpectedVersion.Exactly(2), Sample.Event(4)),
            Sample.Append("a", ExpectedVersion.StreamExists, Sample.Event(5)));

        Expect.Committed(outcomes[1], "the second request");
        Expect.Equal(
            3,
            Expect.Refused<VersionConflictException>(outcomes[2], "the third request").Actual,
            "the version in the conflict");
        Expect.Same([new AppendPlacement(4, 4, 4, 4)], outcomes[3].Placements, "the placement of the fourth request");
        Expect.Same([1, 2, 3, 5], (await probe.ReadStream("a")).Select(NumberOf), "the stream");
    }

    private static async Task Exactly_one_wins_in_a_batch(StorageProbe probe)
    {
        await probe.Append("a", ExpectedVersion.NoStream, Sample.Event(1));

        var outcomes = await probe.Commit([
            .. Enumerable
                .Range(10, 20)
                .Select(number => Sample.Append("a", ExpectedVersion.Exactly(1), Sample.Event(number))),
        ]);

        Expect.Equal(1, outcomes.Count(outcome => outcome.Result == CommitResult.Committed), "winners");
        Expect.Committed(outcomes[0], "the first request");
        foreach (var loser in outcomes.Skip(1))
            Expect.Equal(
                2,
                Expect.Refused<VersionConflictException>(loser, "a later request").Actual,
                "the version in the conflict");
        Expect.Same([1, 10], (await probe.ReadStream("a")).Select(NumberOf), "the stream");
    }

    private static async Task Exactly_one_wins_in_turn(StorageProbe probe)
    {
        for (var i = 0; i < 5; i++)
        {
            var outcome = await probe.Try(Sample.Append("a", ExpectedVersion.NoStream, Sample.Event(10 + i)));
            Expect.Equal(
                i == 0 ? CommitResult.Committed : CommitResult.Refused, outcome.Result, $"the outcome of try {i + 1}");
        }
        Expect.Same([10], (await probe.ReadStream("a")).Select(NumberOf), "the stream");
    }

    private static async Task Several_streams_are_written_whole(StorageProbe probe)
    {
        await probe.Append("a", ExpectedVersion.NoStream, Sample.Event(1));

        var outcome = await probe.Do(new CommitRequest
        {
            Appends =
            [
                Sample.To("a", ExpectedVersion.Exactly(1), Sample.Events(2, 2)),
                Sample.To("b", ExpectedVersion.NoStream, Sample.Event(4)),
                Sample.To("c", ExpectedVersion.Any, Sample.Events(5, 3)),
            ],
        });

        Expect.Same(
            [new AppendPlacement(2, 3, 2, 3), new AppendPlacement(1, 1, 4, 4), new AppendPlacement(1, 3, 5, 7)],
            outcome.Placements,
            "the placements of the appends");
        Expect.Same([1, 2, 3, 4, 5, 6, 7], (await probe.ReadLog()).Select(NumberOf), "the log");
        Expect.Same([1, 2, 3], (await probe.ReadStream("a")).Select(NumberOf), "stream 'a'");
        Expect.Same([5, 6, 7], (await probe.ReadStream("c")).Select(NumberOf), "stream 'c'");
    }

    private static async Task One_conflict_leaves_nothing(StorageProbe probe)
    {
        await probe.Append("c", ExpectedVersion.NoStream, Sample.Event(1));

        await probe.Refuse<VersionConflictException>(new CommitRequest
        {
            Appends =
            [
                Sample.To("a", ExpectedVersion.NoStream, Sample.Event(2)),
                Sample.To("b", ExpectedVersion.Any, Sample.Events(3, 2)),
                Sample.To("c", ExpectedVersion.NoStream, Sample.Event(5)),
            ],
        });

        Expect.Same([1], (await probe.ReadLog()).Select(NumberOf), "the log");
        Expect.Equal(0, (await probe.Head("a")).Version, "the version of 'a'");
        Expect.Equal(0, (await probe.ReadStream("b")).Count, "events of 'b'");
        Expect.Equal(1, (await probe.Log.ListStreams("", null, 10, probe.Cancel)).Count, "streams");
    }

    private static async Task Two_appends_to_one_stream(StorageProbe probe)
    {
        var outcome = await probe.Do(
            new CommitRequest
            {
                Appends =
                [
                    Sample.To("a", ExpectedVersion.NoStream, Sample.Events(1, 2)),
                    Sample.To("a", ExpectedVersion.Exactly(2), Sample.Event(3)),
                ],
            }
        );

        Expect.Same(
            [new AppendPlacement(1, 2, 1, 2), new AppendPlacement(3, 3, 3, 3)],
            outcome.Placements,
            "the placements of the appends");
        Expect.Same([1, 2, 3], (await probe.ReadStream("a")).Select(NumberOf), "the stream");
    }

    private static async Task A_refused_request_leaves_no_part(StorageProbe probe)
    {
        await FullRequest.Prepare(probe);
        foreach (var (problem, invalidate) in FullRequest.InvalidVariants)
        {
            var outcome = await probe.Try(invalidate(await FullRequest.Request(probe)));
            Expect.Equal(CommitResult.Refused, outcome.Result, $"a request with {problem}");
            await FullRequest.ExpectNoEffects(probe, problem);
        }
    }

    private static async Task All_parts_are_written(StorageProbe probe)
    {
        await FullRequest.Prepare(probe);

        await probe.Do(await FullRequest.Request(probe));

        await FullRequest.ExpectAllEffects(probe);
    }

    private static async Task A_large_batch(StorageProbe probe)
    {
        var batch = Enumerable
            .Range(0, 600)
            .Select(number =>
                Sample.Append(
                    $"order-{number % 50}",
                    number % 3 == 0 ? ExpectedVersion.AsRead(number / 50) : ExpectedVersion.Any,
                    Sample.Event(number)));

        var outcomes = await probe.Commit([.. batch]);

        Expect.Equal(
            600,
            outcomes.Count(outcome => outcome.Result == CommitResult.Committed),
            "the number of committed requests");
        Expect.Same(Enumerable.Range(0, 600), (await probe.ReadLog(limit: 100)).Select(NumberOf), "the log");
        for (var stream = 0; stream < 50; stream++)
            Expect.Equal(12, (await probe.ReadStream($"order-{stream}")).Count, $"events of stream {stream}");
    }

    /// <summary>Returns the number from which <see cref="Sample"/> created an event's id.</summary>
    internal static int NumberOf(RecordedEvent recorded)
    {
        Span<byte> bytes = stackalloc byte[16];
        recorded.Id.TryWriteBytes(bytes, bigEndian: true, out _);
        return System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(bytes[12..]);
    }
}
