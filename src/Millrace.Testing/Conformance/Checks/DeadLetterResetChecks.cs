using Millrace.Storage;
using static Millrace.Testing.Conformance.Checks.DeadLetterSample;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>Contains checks of resets and cleared collections with dead letters.</summary>
internal static class DeadLetterResetChecks
{
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new(
            "A reset removes the open dead letters after its checkpoint and keeps those with a decision",
            Reset_removes),
        new(
            "A collection's consumer is not reset past an open dead letter whose document is unknown",
            Not_lost_by_a_reset),
        new(
            "Resetting a consumer and clearing a collection keep the decisions about open dead letters",
            Decisions_stay),
        new("Clearing a collection removes its consumer's open dead letters", Clear_removes),
    ];

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
            NewDeadLetter(2, "") with { Consumer = "plain@1", State = DeadLetterState.Waiting },
            NewDeadLetter(3, "") with { Consumer = "plain@1", State = DeadLetterState.Skipped },
            NewDeadLetter(4) with { Consumer = "plain@1" },
            NewDeadLetter(2, ""));
        var deadLetter = Expect.NotNull(
            await probe.DeadLetters.Find("plain@1", 0, 2, "", probe.Cancel), "the dead letter without a key");

        var refused = await probe.Leases.Reset("plain@1", 1, probe.Cancel);
        var record = (await probe.Leases.List(probe.Cancel)).Where(one => one.Consumer == "plain@1").One();
        var withoutCollection = await probe.Leases.Reset("sales", 0, probe.Cancel);
        var afterDeadLetter = await probe.Leases.Reset("plain@1", 2, probe.Cancel);

        Expect.Equal(deadLetter.Id, refused, "the dead letter that prevents the reset");
        Expect.Equal(
            (lease.LeaseEpoch, 2L),
            (record.LeaseEpoch, record.OpenDeadLetters),
            "the lease and the open dead letters after the refused reset");
        Expect.Equal(
            (null, null), (
                withoutCollection,
                afterDeadLetter), "the results of a reset without a collection, and of a reset after the dead letter");
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
            NewDeadLetter(1) with { State = DeadLetterState.Waiting, EditedPayload = edited },
            NewDeadLetter(2) with { State = DeadLetterState.Released, Decision = DeadLetterDecision.Skip },
            NewDeadLetter(3) with { State = DeadLetterState.Released, Decision = DeadLetterDecision.Retry },
            NewDeadLetter(4) with { State = DeadLetterState.RetryAt, RetryAt = probe.Now, EditedPayload = edited });
        var before = Expect.NotNull(await Find(probe, NewDeadLetter(4)), "the edited dead letter");

        await probe.Leases.Reset("sales", 2, probe.Cancel);
        await ExpectFound(probe, new DeadLetterQuery { States = [DeadLetterState.Corrected] }, 4);
        await ExpectFound(probe, new DeadLetterQuery(), 1, 2, 4);
        await probe.Documents.Clear("plain@1", "sales", probe.Cancel);
        await ExpectFound(probe, new DeadLetterQuery { States = [DeadLetterState.Corrected] }, 1, 4);
        await ExpectFound(probe, new DeadLetterQuery { States = [DeadLetterState.Skipped] }, 2);

        var after = Expect.NotNull(await Find(probe, NewDeadLetter(4)), "the edited dead letter");
        Expect.Equal(
            (before.Id, before.Revision + 1),
            (after.Id, after.Revision),
            "the edited dead letter's number and revision");
        Expect.Equal(null, after.RetryAt, "the edited dead letter's retry time");
        Expect.Equal(2, after.EditedPayload?.Length, "the length of the edited payload");
    }

    private static Task WriteOneOfEach(StorageProbe probe) => Write(
        probe,
        NewDeadLetter(1),
        NewDeadLetter(2),
        NewDeadLetter(3),
        NewDeadLetter(4) with { Consumer = "other" },
        NewDeadLetter(4) with { State = DeadLetterState.Skipped },
        NewDeadLetter(4, "k2") with { State = DeadLetterState.Waiting },
        NewDeadLetter(4, "k3") with { State = DeadLetterState.Released });
}
