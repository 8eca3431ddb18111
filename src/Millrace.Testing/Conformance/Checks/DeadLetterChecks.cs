using Millrace.Storage;
using static Millrace.Testing.Conformance.Checks.DeadLetterSample;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>
/// Contains checks of dead letters. A commit writes them with its checkpoint and documents, and only one client at a
/// time can change a dead letter.
/// </summary>
internal static class DeadLetterChecks
{
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new(
            "A dead letter is written together with the checkpoint and documents of its commit",
            Written_with_the_effect),
        new("Every property of a dead letter is stored exactly", Kept_exactly),
        new("A change or removal is refused if another client has changed the dead letter", Changed_as_read),
        new("Only one of two new dead letters of one event and key in a batch is committed", One_per_event_and_key),
        new("A removed dead letter that is added again gets a new number", Numbers_are_not_reused),
        new("A refused request leaves its dead letters unchanged", Refused_with_the_request),
    ];

    private static async Task Written_with_the_effect(StorageProbe probe)
    {
        var lease = await Prepare(probe);
        var request = new CommitRequest
        {
            Documents = [Sample.Put("plain@1", "a", "x")],
            Checkpoint = new CheckpointMove("sales", 0, lease.LeaseEpoch, null, 3),
            DeadLetters = [new DeadLetterChange(NewDeadLetter(2))],
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
            0, await probe.DeadLetters.Count(new DeadLetterQuery(), probe.Cancel), "dead letters of a refused commit");
        await probe.Do(request);

        Expect.Equal(
            1, await probe.DeadLetters.Count(new DeadLetterQuery(), probe.Cancel), "the number of dead letters");
        Expect.Equal(1, await probe.Documents.Count("plain@1", [], probe.Cancel), "documents");
        Expect.Equal(3, (await probe.Leases.List(probe.Cancel)).One().Checkpoint, "the checkpoint");
    }

    private static async Task Kept_exactly(StorageProbe probe)
    {
        await Prepare(probe);
        var at = StorageProbe.Beginning.AddTicks(12_345_670);
        var deadLetter = NewDeadLetter(2, "ключ '\n\" %") with
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
            User = "ada",
            Reason = "why\tnot",
            DecidedAt = at.AddHours(1),
        };
        var minimal = NewDeadLetter(3, "") with { State = DeadLetterState.Waiting, Cause = null, ErrorType = null };

        await Write(probe, deadLetter, minimal);

        var found = Expect.NotNull(await Find(probe, deadLetter), "the dead letter");
        Expect.Equal(
            deadLetter with { EditedPayload = null },
            WithoutId(found) with { EditedPayload = null },
            "the dead letter");
        Expect.SameBytes(deadLetter.EditedPayload!.Value, found.EditedPayload ?? default, "the edited payload");
        Expect.Equal(
            minimal,
            WithoutId(Expect.NotNull(await Find(probe, minimal), "the waiting dead letter")),
            "the waiting dead letter");
        Expect.Equal(
            found with { EditedPayload = null },
            (await Get(probe, found.Id)) with { EditedPayload = null },
            "the dead letter with this number");
    }

    private static async Task Changed_as_read(StorageProbe probe)
    {
        await Prepare(probe);
        await Write(probe, NewDeadLetter(2));
        var first = Expect.NotNull(await Find(probe, NewDeadLetter(2)), "the dead letter");

        await Write(probe, first with { State = DeadLetterState.Released, User = "ada" });
        var conflict = await probe.Refuse<DeadLetterConflictException>(
            Change(first with { State = DeadLetterState.Parked }));
        await probe.Refuse<DeadLetterConflictException>(Change(first, isRemoval: true));
        await probe.Refuse<DeadLetterConflictException>(Change(NewDeadLetter(2)));
        var second = await Get(probe, first.Id);

        Expect.Equal(
            ("sales", 2L, "k"),
            (conflict.Consumer, conflict.Position, conflict.Key),
            "the properties of the exception");
        Expect.Equal(
            (DeadLetterState.Released, "ada"), (second.State, second.User), "the dead letter after its change");
        Expect.True(second.Revision > first.Revision, $"the revision is {second.Revision} after {first.Revision}");
        await probe.Do(Change(second, isRemoval: true));
        Expect.Equal(null, await Find(probe, second), "the removed dead letter");
        await probe.Refuse<DeadLetterConflictException>(Change(second, isRemoval: true));
    }

    private static async Task One_per_event_and_key(StorageProbe probe)
    {
        await Prepare(probe);

        var outcomes = await probe.Commit(
            Change(NewDeadLetter(2)), Change(NewDeadLetter(2)), Change(
                NewDeadLetter(2, "other")), Change(NewDeadLetter(3)));

        Expect.Committed(outcomes[0], "the first dead letter");
        Expect.Refused<DeadLetterConflictException>(outcomes[1], "the second dead letter of the same event and key");
        Expect.Committed(outcomes[2], "the dead letter of another key");
        Expect.Committed(outcomes[3], "the dead letter of another event");
    }

    private static async Task Numbers_are_not_reused(StorageProbe probe)
    {
        await Prepare(probe);
        await Write(probe, NewDeadLetter(2));
        var first = Expect.NotNull(await Find(probe, NewDeadLetter(2)), "the dead letter");
        await probe.Do(Change(first, isRemoval: true));
        await Write(probe, NewDeadLetter(2));

        var second = Expect.NotNull(await Find(probe, NewDeadLetter(2)), "the dead letter that was added again");

        Expect.True(second.Id > first.Id, $"the number {second.Id} was assigned after {first.Id}");
        await probe.Refuse<DeadLetterConflictException>(Change(first with { State = DeadLetterState.Released }));
    }

    private static async Task Refused_with_the_request(StorageProbe probe)
    {
        await Prepare(probe);
        await Write(probe, NewDeadLetter(2));
        var deadLetter = Expect.NotNull(await Find(probe, NewDeadLetter(2)), "the dead letter");

        await probe.Refuse<VersionConflictException>(new CommitRequest
        {
            Appends = [Sample.To("a", ExpectedVersion.NoStream, Sample.Event(99))],
            DeadLetters = [new DeadLetterChange(deadLetter, IsRemoval: true), new DeadLetterChange(NewDeadLetter(3))],
        });

        Expect.Equal(deadLetter, await Find(probe, deadLetter), "the dead letter after a refused removal");
        Expect.Equal(null, await Find(probe, NewDeadLetter(3)), "the dead letter of a refused request");
    }
}
