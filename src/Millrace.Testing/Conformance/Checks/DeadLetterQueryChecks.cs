using Millrace.Storage;
using static Millrace.Testing.Conformance.Checks.DeadLetterSample;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>Contains checks of queries for dead letters.</summary>
internal static class DeadLetterQueryChecks
{
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("Dead letters are found by consumer, state, cause, key, stream, type and position", Found_by_query),
        new("A brief query returns dead letters without message and stack", Read_briefly),
        new("Dead letters are paged in the order of their numbers", Paged),
        new("Failed dead letters are grouped by consumer and cause, the largest group first", Grouped),
        new(
            "A consumer's open and released dead letters are counted with its lease and checkpoint",
            Counted_with_the_consumer),
    ];

    private static async Task Found_by_query(StorageProbe probe)
    {
        await Prepare(probe);
        await Write(
            probe,
            NewDeadLetter(1, "k1"),
            NewDeadLetter(2, "k2") with { State = DeadLetterState.Waiting, Cause = null },
            NewDeadLetter(3, "k1") with
            {
                Consumer = "other",
                Stream = new StreamId("b"),
                State = DeadLetterState.Skipped,
            },
            NewDeadLetter(4, "k2") with { Cause = "another", EventType = "thing.else" });

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
        var deadLetter = NewDeadLetter(1) with
        {
            Message = "No.",
            Stack = "at Here",
            EditedPayload = "{}"u8.ToArray(),
            Reason = "because",
        };
        await Write(probe, deadLetter);

        var brief = (await probe.DeadLetters.List(new DeadLetterQuery { IsBrief = true }, probe.Cancel)).One();
        var whole = (await probe.DeadLetters.List(new DeadLetterQuery(), probe.Cancel)).One();

        Expect.Equal(("No.", "at Here"), (whole.Message, whole.Stack), "the texts of a dead letter");
        Expect.Equal((null, null), (brief.Message, brief.Stack), "the texts of a dead letter in a brief query");
        Expect.Equal(
            ("because", 2),
            (brief.Reason, brief.EditedPayload?.Length),
            "the reason and payload of a dead letter in a brief query");
    }

    private static async Task Paged(StorageProbe probe)
    {
        await Prepare(probe);
        await Write(
            probe, [.. Enumerable.Range(1, 25).Select(position => NewDeadLetter(position, $"k{position % 3}"))]);
        var seen = new List<DeadLetter>();
        IReadOnlyList<DeadLetter> page;

        do
        {
            var query = new DeadLetterQuery { After = seen.Count == 0 ? 0 : seen[^1].Id, Limit = 4 };
            page = await probe.DeadLetters.List(query, probe.Cancel);
            seen.AddRange(page);
            Expect.True(page.Count <= 4, $"a page of 4 has {page.Count} dead letters");
        }
        while (page.Count > 0);

        Expect.Same(
            Enumerable.Range(1, 25).Select(position => (long)position),
            seen.Select(deadLetter => deadLetter.Position),
            "the dead letters");
        Expect.Same(
            seen.Select(deadLetter => deadLetter.Id).Order(),
            seen.Select(deadLetter => deadLetter.Id),
            "the order of the numbers");
        Expect.Equal(
            25,
            await probe.DeadLetters.Count(new DeadLetterQuery { Limit = 4, After = 3 }, probe.Cancel),
            "the count of all dead letters");
    }

    private static async Task Grouped(StorageProbe probe)
    {
        await Prepare(probe);
        var day = TimeSpan.FromDays(1);
        var at = StorageProbe.Beginning;
        await Write(
            probe,
            NewDeadLetter(1) with { Cause = "rare", FirstFailedAt = at, LastFailedAt = at + day },
            NewDeadLetter(2) with { Cause = "often", FirstFailedAt = at + day, LastFailedAt = at + day },
            NewDeadLetter(3) with { Cause = "often", FirstFailedAt = at, LastFailedAt = at + (day * 2) },
            NewDeadLetter(4) with { Cause = "often", Consumer = "other" },
            NewDeadLetter(4, "k2") with { State = DeadLetterState.Waiting, Cause = null },
            NewDeadLetter(4, "k3") with { State = DeadLetterState.Skipped, Cause = "often" });

        var groups = await probe.DeadLetters.ListGroups(null, 100, probe.Cancel);

        Expect.Same(
            [("sales", "often", 2L, 2L), ("sales", "rare", 1, 1), ("other", "often", 1, 4)],
            groups.Select(group => (group.Consumer, group.Cause, group.DeadLetters, group.Sample.Position)),
            "the groups");
        Expect.Equal((at, at + (day * 2)), (groups[0].FirstFailedAt, groups[0].LastFailedAt), "the times of a group");
        Expect.Equal(
            1,
            (await probe.DeadLetters.ListGroups("other", 100, probe.Cancel)).Count,
            "the number of groups of one consumer");
        Expect.Equal(
            2, (await probe.DeadLetters.ListGroups(null, 2, probe.Cancel)).Count, "the number of groups, at most 2");
    }

    private static async Task Counted_with_the_consumer(StorageProbe probe)
    {
        var lease = await Prepare(probe);
        await Write(
            probe,
            NewDeadLetter(1),
            NewDeadLetter(2) with { State = DeadLetterState.Waiting },
            NewDeadLetter(3) with { State = DeadLetterState.Released },
            NewDeadLetter(4) with { State = DeadLetterState.Discarded },
            NewDeadLetter(4, "k2") with { Consumer = "other" });

        var record = (await probe.Leases.List(probe.Cancel)).One();
        var renewed = await Acquire(probe);

        Expect.Equal(
            (3L, 1L),
            (record.OpenDeadLetters, record.ReleasedDeadLetters),
            "the numbers of open and released dead letters");
        Expect.Equal(
            (3L, 1L),
            (renewed.OpenDeadLetters, renewed.ReleasedDeadLetters),
            "the numbers of open and released dead letters in a renewed lease");
        Expect.Equal(0, lease.OpenDeadLetters, "the number of open dead letters in the first lease");
    }
}
