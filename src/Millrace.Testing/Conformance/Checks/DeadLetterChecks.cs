using Millrace.Storage;

namespace Millrace.Testing;

/// <summary>Dead letters: written with the checkpoint and documents of a commit, changed by one at a time, read by
/// query.</summary>
internal static class DeadLetterChecks
{
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new(
            "A dead letter is written together with the checkpoint and documents of its commit",
            Written_with_the_effect),
        new("Every property of a dead letter is kept exactly", Kept_exactly),
        new("A dead letter is changed and removed only as it was read", Changed_as_read),
        new("Of two new letters of one event and key in a batch one is committed", One_per_event_and_key),
        new("A removed letter that comes again gets a new number", Numbers_are_not_given_again),
        new("A refused request leaves its dead letters as they were", Refused_with_the_request),
        new("Dead letters are found by consumer, state, cause, key, stream, type and position", Found_by_query),
        new("Dead letters are read without their long texts when that is asked for", Read_briefly),
        new("Dead letters are paged through in the order of their numbers", Paged),
        new("Dead letters that failed are grouped by consumer and cause, the largest group first", Grouped),
        new(
            "A consumer's open and released letters are counted with its lease and checkpoint",
            Counted_with_the_consumer),
        new("A reset removes the open letters beyond its checkpoint and keeps what was decided", Reset_removes),
        new(
            "A collection's consumer is not set back behind an open letter whose document is not known",
            Not_lost_by_a_reset),
        new("A reset and clearing a collection keep what was decided about open letters", Decisions_stay),
        new("Clearing a collection removes its consumer's open letters", Clear_removes),
    ];

    private static async Task Written_with_the_effect(StorageProbe probe)
    {
        var lease = await Prepare(probe);
        var request = new CommitRequest
        {
            Documents = [Sample.Put("plain@1", "a", "x")],
            Checkpoint = new CheckpointMove("sales", 0, lease.LeaseEpoch, null, 3),
            DeadLetters = [new DeadLetterChange(Letter(2))],
        };

        await probe.Refuse<LeaseLostException>(
            new CommitRequest
            {
                Documents = request.Documents,
                DeadLetters = request.DeadLetters,
                Checkpoint = new CheckpointMove("sales", 0, lease.LeaseEpoch + 1, null, 3),
            }
        );
        Expect.Equal(
            0, await probe.DeadLetters.Count(new DeadLetterQuery(), probe.Cancel), "letters of a refused commit");
        await probe.Do(request);

        Expect.Equal(1, await probe.DeadLetters.Count(new DeadLetterQuery(), probe.Cancel), "letters");
        Expect.Equal(1, await probe.Documents.Count("plain@1", [], probe.Cancel), "documents");
        Expect.Equal(3, (await probe.Leases.List(probe.Cancel)).One().Checkpoint, "the checkpoint");
    }

    private static async Task Kept_exactly(StorageProbe probe)
    {
        await Prepare(probe);
        var at = StorageProbe.Beginning.AddTicks(12_345_670);
        var letter = Letter(2, "ключ '\n\" %") with
        {
            Partition = 3,
            State = DeadLetterState.Released,
            Attempts = 7,
            RetryAt = at,
            Class = FailureClass.Permanent,
            Message = "Ünïcode\u0000 and\r\nlines",
            Stack = "at A()\n   at B()",
            FirstFailedAt = at.AddDays(-1),
            LastFailedAt = at,
            EditedPayload = new byte[] { 0, 255, 10 },
            Decision = DeadLetterDecision.Discard,
            By = "ada",
            Reason = "why\tnot",
            DecidedAt = at.AddHours(1),
        };
        var bare = Letter(3, "") with { State = DeadLetterState.Waiting, Cause = null, ErrorType = null };

        await Write(probe, letter, bare);

        var found = Expect.NotNull(await Find(probe, letter), "the letter");
        Expect.Equal(letter with { EditedPayload = null }, Bare(found) with { EditedPayload = null }, "the letter");
        // Given above.
        Expect.SameBytes(letter.EditedPayload!.Value, found.EditedPayload ?? default, "the edited payload");
        Expect.Equal(
            bare, Bare(Expect.NotNull(await Find(probe, bare), "the letter that waits")), "the letter that waits");
        Expect.Equal(
            found with
            {
                EditedPayload = null,
            },
            (await Get(probe, found.Id)) with
            {
                EditedPayload = null,
            },
            "by its number");
    }

    private static async Task Changed_as_read(StorageProbe probe)
    {
        await Prepare(probe);
        await Write(probe, Letter(2));
        var first = Expect.NotNull(await Find(probe, Letter(2)), "the letter");

        await Write(probe, first with { State = DeadLetterState.Released, By = "ada" });
        var conflict = await probe.Refuse<DeadLetterConflictException>(
            Change(first with { State = DeadLetterState.Parked }));
        await probe.Refuse<DeadLetterConflictException>(Change(first, isRemoval: true));
        await probe.Refuse<DeadLetterConflictException>(Change(Letter(2)));
        var second = await Get(probe, first.Id);

        Expect.Equal(("sales", 2L, "k"), (conflict.Consumer, conflict.Position, conflict.Key), "the facts");
        Expect.Equal((DeadLetterState.Released, "ada"), (second.State, second.By), "the letter after its change");
        Expect.True(second.Revision > first.Revision, $"the revision is {second.Revision} after {first.Revision}");
        await probe.Do(Change(second, isRemoval: true));
        Expect.Equal(null, await Find(probe, second), "the removed letter");
        await probe.Refuse<DeadLetterConflictException>(Change(second, isRemoval: true));
    }

    private static async Task One_per_event_and_key(StorageProbe probe)
    {
        await Prepare(probe);

        var outcomes = await probe.Commit(
            Change(Letter(2)), Change(Letter(2)), Change(Letter(2, "other")), Change(Letter(3)));

        Expect.Committed(outcomes[0], "the first letter");
        Expect.Refused<DeadLetterConflictException>(outcomes[1], "the second letter of the same event and key");
        Expect.Committed(outcomes[2], "the letter of another key");
        Expect.Committed(outcomes[3], "the letter of another event");
    }

    private static async Task Numbers_are_not_given_again(StorageProbe probe)
    {
        await Prepare(probe);
        await Write(probe, Letter(2));
        var first = Expect.NotNull(await Find(probe, Letter(2)), "the letter");
        await probe.Do(Change(first, isRemoval: true));
        await Write(probe, Letter(2));

        var second = Expect.NotNull(await Find(probe, Letter(2)), "the letter that came again");

        Expect.True(second.Id > first.Id, $"the number {second.Id} was given after {first.Id}");
        await probe.Refuse<DeadLetterConflictException>(Change(first with { State = DeadLetterState.Released }));
    }

    private static async Task Refused_with_the_request(StorageProbe probe)
    {
        await Prepare(probe);
        await Write(probe, Letter(2));
        var letter = Expect.NotNull(await Find(probe, Letter(2)), "the letter");

        await probe.Refuse<VersionConflictException>(new CommitRequest
        {
            Appends = [Sample.To("a", ExpectedVersion.NoStream, Sample.Event(99))],
            DeadLetters = [new DeadLetterChange(letter, IsRemoval: true), new DeadLetterChange(Letter(3))],
        });

        Expect.Equal(letter, await Find(probe, letter), "the letter after a refused removal");
        Expect.Equal(null, await Find(probe, Letter(3)), "the letter of a refused request");
    }

    private static async Task Found_by_query(StorageProbe probe)
    {
        await Prepare(probe);
        await Write(
            probe,
            Letter(1, "k1"),
            Letter(2, "k2") with { State = DeadLetterState.Waiting, Cause = null },
            Letter(3, "k1") with { Consumer = "other", Stream = new StreamId("b"), State = DeadLetterState.Skipped },
            Letter(4, "k2") with { Cause = "another", EventType = "thing.else" });

        await ExpectFound(probe, new DeadLetterQuery(), 1, 2, 3, 4);
        await ExpectFound(probe, new DeadLetterQuery { Consumer = "sales" }, 1, 2, 4);
        await ExpectFound(
            probe, new DeadLetterQuery { States = [DeadLetterState.Waiting, DeadLetterState.Skipped] }, 2, 3);
        await ExpectFound(probe, new DeadLetterQuery { Cause = "cause" }, 1, 3);
        await ExpectFound(probe, new DeadLetterQuery { Key = "k2" }, 2, 4);
        await ExpectFound(probe, new DeadLetterQuery { Stream = new StreamId("b") }, 3);
        await ExpectFound(probe, new DeadLetterQuery { EventType = "thing.else" }, 4);
        await ExpectFound(probe, new DeadLetterQuery { Consumer = "sales", Key = "k2", Cause = "another" }, 4);
        await ExpectFound(probe, new DeadLetterQuery { Consumer = "SALES" });
        await ExpectFound(probe, new DeadLetterQuery { AfterPosition = 2 }, 3, 4);
        await ExpectFound(probe, new DeadLetterQuery { Consumer = "sales", Key = "k2", AfterPosition = 2 }, 4);
    }

    private static async Task Read_briefly(StorageProbe probe)
    {
        await Prepare(probe);
        var letter = Letter(1) with
        {
            Message = "No.",
            Stack = "at Here",
            EditedPayload = "{}"u8.ToArray(),
            Reason = "because",
        };
        await Write(probe, letter);

        var brief = (await probe.DeadLetters.List(new DeadLetterQuery { IsBrief = true }, probe.Cancel)).One();
        var whole = (await probe.DeadLetters.List(new DeadLetterQuery(), probe.Cancel)).One();

        Expect.Equal(("No.", "at Here"), (whole.Message, whole.Stack), "the texts of a letter");
        Expect.Equal((null, null), (brief.Message, brief.Stack), "the texts of a letter read briefly");
        Expect.Equal(("because", 2), (brief.Reason, brief.EditedPayload?.Length), "the rest of a letter read briefly");
    }

    private static async Task Paged(StorageProbe probe)
    {
        await Prepare(probe);
        await Write(probe, [.. Enumerable.Range(1, 25).Select(position => Letter(position, $"k{position % 3}"))]);
        var seen = new List<DeadLetter>();
        IReadOnlyList<DeadLetter> page;

        do
        {
            var query = new DeadLetterQuery { After = seen.Count == 0 ? 0 : seen[^1].Id, Limit = 4 };
            page = await probe.DeadLetters.List(query, probe.Cancel);
            seen.AddRange(page);
            Expect.True(page.Count <= 4, $"a page of 4 has {page.Count} letters");
        }
        while (page.Count > 0);

        Expect.Same(
            Enumerable.Range(1, 25).Select(position => (long)position),
            seen.Select(letter => letter.Position),
            "the letters");
        Expect.Same(seen.Select(letter => letter.Id).Order(), seen.Select(letter => letter.Id), "the numbers");
        Expect.Equal(
            25,
            await probe.DeadLetters.Count(new DeadLetterQuery { Limit = 4, After = 3 }, probe.Cancel),
            "the count of all");
    }

    private static async Task Grouped(StorageProbe probe)
    {
        await Prepare(probe);
        var day = TimeSpan.FromDays(1);
        var at = StorageProbe.Beginning;
        await Write(
            probe,
            Letter(1) with { Cause = "rare", FirstFailedAt = at, LastFailedAt = at + day },
            Letter(2) with { Cause = "often", FirstFailedAt = at + day, LastFailedAt = at + day },
            Letter(3) with { Cause = "often", FirstFailedAt = at, LastFailedAt = at + (day * 2) },
            Letter(4) with { Cause = "often", Consumer = "other" },
            Letter(4, "k2") with { State = DeadLetterState.Waiting, Cause = null },
            Letter(4, "k3") with { State = DeadLetterState.Skipped, Cause = "often" });

        var groups = await probe.DeadLetters.ListGroups(null, 100, probe.Cancel);

        Expect.Same(
            [("sales", "often", 2L, 2L), ("sales", "rare", 1, 1), ("other", "often", 1, 4)],
            groups.Select(group => (group.Consumer, group.Cause, group.DeadLetters, group.Sample.Position)),
            "the groups");
        Expect.Equal((at, at + (day * 2)), (groups[0].FirstFailedAt, groups[0].LastFailedAt), "the times of a group");
        Expect.Equal(
            1, (await probe.DeadLetters.ListGroups("other", 100, probe.Cancel)).Count, "the groups of one consumer");
        Expect.Equal(
            2, (await probe.DeadLetters.ListGroups(null, 2, probe.Cancel)).Count, "as many groups as asked for");
    }

    private static async Task Counted_with_the_consumer(StorageProbe probe)
    {
        var lease = await Prepare(probe);
        await Write(
            probe,
            Letter(1),
            Letter(2) with { State = DeadLetterState.Waiting },
            Letter(3) with { State = DeadLetterState.Released },
            Letter(4) with { State = DeadLetterState.Discarded },
            Letter(4, "k2") with { Consumer = "other" });

        var record = (await probe.Leases.List(probe.Cancel)).One();
        var renewed = await Acquire(probe);

        Expect.Equal((3L, 1L), (record.OpenDeadLetters, record.ReleasedDeadLetters), "letters open and released");
        Expect.Equal(
            (3L, 1L),
            (renewed.OpenDeadLetters, renewed.ReleasedDeadLetters),
            "letters open and released, when the lease is renewed");
        Expect.Equal(0, lease.OpenDeadLetters, "letters open before");
    }

    private static async Task Reset_removes(StorageProbe probe)
    {
        await Prepare(probe);
        await WriteOneOfEach(probe);

        await probe.Leases.Reset("sales", 2, probe.Cancel);

        await ExpectFound(probe, new DeadLetterQuery(), 1, 2, 4, 4);
    }

    private static async Task Not_lost_by_a_reset(StorageProbe probe)
    {
        await Prepare(probe);
        var lease = await probe.Leases.Acquire("plain@1", 0, "node", TimeSpan.FromMinutes(1), probe.Now, probe.Cancel);
        await Write(
            probe,
            Letter(2, "") with
            {
                Consumer = "plain@1",
                State = DeadLetterState.Waiting,
            },
            Letter(3, "") with
            {
                Consumer = "plain@1",
                State = DeadLetterState.Skipped,
            },
            Letter(4) with
            {
                Consumer = "plain@1",
            },
            Letter(2, ""));
        var letter = Expect.NotNull(
            await probe.DeadLetters.Find("plain@1", 0, 2, "", probe.Cancel), "the letter without a key");

        var refused = await probe.Leases.Reset("plain@1", 1, probe.Cancel);
        var record = (await probe.Leases.List(probe.Cancel)).Where(one => one.Consumer == "plain@1").One();
        var elsewhere = await probe.Leases.Reset("sales", 0, probe.Cancel);
        var beyond = await probe.Leases.Reset("plain@1", 2, probe.Cancel);

        Expect.Equal(letter.Id, refused, "the letter that a reset behind it tells");
        Expect.Equal(
            (lease.LeaseEpoch, 2L),
            (record.LeaseEpoch, record.OpenDeadLetters),
            "the lease and the open letters after that");
        Expect.Equal(
            (null, null), (elsewhere, beyond), "what a reset of no collection, and one beyond the letter, tell");
        await ExpectFound(probe, new DeadLetterQuery { Consumer = "plain@1" }, 2, 3);
    }

    private static async Task Clear_removes(StorageProbe probe)
    {
        await Prepare(probe);
        await WriteOneOfEach(probe);

        await probe.Documents.Clear("plain@1", "sales", probe.Cancel);

        await ExpectFound(probe, new DeadLetterQuery(), 4, 4);
    }

    private static async Task Decisions_stay(StorageProbe probe)
    {
        await Prepare(probe);
        var edited = "{}"u8.ToArray();
        await Write(
            probe,
            Letter(1) with { State = DeadLetterState.Waiting, EditedPayload = edited },
            Letter(2) with { State = DeadLetterState.Released, Decision = DeadLetterDecision.Skip },
            Letter(3) with { State = DeadLetterState.Released, Decision = DeadLetterDecision.Retry },
            Letter(4) with { State = DeadLetterState.RetryAt, RetryAt = probe.Now, EditedPayload = edited });
        var before = Expect.NotNull(await Find(probe, Letter(4)), "the edited letter");

        await probe.Leases.Reset("sales", 2, probe.Cancel);
        await ExpectFound(probe, new DeadLetterQuery { States = [DeadLetterState.Corrected] }, 4);
        await ExpectFound(probe, new DeadLetterQuery(), 1, 2, 4);
        await probe.Documents.Clear("plain@1", "sales", probe.Cancel);
        await ExpectFound(probe, new DeadLetterQuery { States = [DeadLetterState.Corrected] }, 1, 4);
        await ExpectFound(probe, new DeadLetterQuery { States = [DeadLetterState.Skipped] }, 2);

        var after = Expect.NotNull(await Find(probe, Letter(4)), "the edited letter");
        Expect.Equal((before.Id, before.Revision + 1), (after.Id, after.Revision), "the edited letter's row");
        Expect.Equal(null, after.RetryAt, "when the edited letter is tried again");
        Expect.Equal(2, after.EditedPayload?.Length, "the edited letter's payload");
    }

    private static Task WriteOneOfEach(StorageProbe probe) => Write(
        probe,
        Letter(1),
        Letter(2),
        Letter(3),
        Letter(4) with { Consumer = "other" },
        Letter(4) with { State = DeadLetterState.Skipped },
        Letter(4, "k2") with { State = DeadLetterState.Waiting },
        Letter(4, "k3") with { State = DeadLetterState.Released });

    private static async Task<ConsumerRecord> Prepare(StorageProbe probe)
    {
        await probe.Documents.EnsureCollection(Sample.Plain, probe.Cancel);
        await probe.Append("a", ExpectedVersion.NoStream, Sample.Events(1, 4));
        return await Acquire(probe);
    }

    private static async Task<ConsumerRecord> Acquire(StorageProbe probe) =>
        await probe.Leases.Acquire("sales", 0, "node", TimeSpan.FromMinutes(1), probe.Now, probe.Cancel);

    internal static DeadLetter Letter(long position, string key = "k") => new()
    {
        Consumer = "sales",
        Position = position,
        Key = key,
        Stream = new StreamId("a"),
        Version = position,
        EventType = "thing.happened",
        EventId = Sample.Id((int)position),
        State = DeadLetterState.Parked,
        Cause = "cause",
        ErrorType = "System.Exception",
    };

    private static CommitRequest Change(DeadLetter letter, bool isRemoval = false) =>
        new() { DeadLetters = [new DeadLetterChange(letter, isRemoval)] };

    private static async Task Write(StorageProbe probe, params DeadLetter[] letters) =>
        await probe.Do(new CommitRequest { DeadLetters = [.. letters.Select(letter => new DeadLetterChange(letter))] });

    private static async Task<DeadLetter?> Find(StorageProbe probe, DeadLetter letter) =>
        await probe.DeadLetters.Find(letter.Consumer, letter.Partition, letter.Position, letter.Key, probe.Cancel);

    private static async Task<DeadLetter> Get(StorageProbe probe, long id) =>
        Expect.NotNull(await probe.DeadLetters.Get(id, probe.Cancel), $"the letter {id}");

    private static DeadLetter Bare(DeadLetter letter) => letter with { Id = 0, Revision = 0 };

    private static async Task ExpectFound(StorageProbe probe, DeadLetterQuery query, params long[] positions)
    {
        var found = await probe.DeadLetters.List(query, probe.Cancel);
        Expect.Same(positions, found.Select(letter => letter.Position).Order(), $"the positions found by {query}");
        Expect.Equal(
            positions.Length,
            await probe.DeadLetters.Count(query, probe.Cancel),
            $"the number of letters found by {query}");
    }
}
