namespace Millrace.Faults.Tests;

/// <summary>Tests that the checker accepts linearizable histories and rejects others.</summary>
public sealed class LinearizabilityTests
{
    private static readonly Guid[] Ids =
    [
        .. Enumerable.Range(1, 9).Select(number => new Guid(number, 0, 0, new byte[8])),
    ];

    public static TheoryData<string> GoodHistories => new(Good.Keys);

    public static TheoryData<string> BadHistories => new(Bad.Keys);

    private static Dictionary<string, Operation[]> Good { get; } = new()
    {
        ["one after the other"] = [Append(0, 1, 0, 1, 0), Read(2, 3, 0), Append(4, 5, 1, 2, 1), Read(6, 7, 0, 1)],
        ["a read during an append sees the append"] = [Append(0, 9, 0, 1, 0), Read(1, 2, 0)],
        ["a read during an append does not see the append"] = [Append(0, 9, 0, 1, 0), Read(1, 2)],
        ["one of two appends at the same version succeeds"] =
            [Append(0, 5, 0, 1, 0), Conflict(0, 5, 0, 1, 1), Read(6, 7, 0)],
        ["the append that started later succeeds"] = [Conflict(0, 9, 0, 1, 1), Append(1, 9, 0, 1, 0), Read(10, 11, 0)],
        ["an append at any version"] = [Append(0, 5, -1, 2, 0), Append(0, 5, -1, 1, 1), Read(6, 7, 1, 0)],
        ["an append without an answer has happened"] = [Lost(0, 0, 0), Read(1, 2), Read(8, 9, 0)],
        ["an append without an answer has not happened"] = [Lost(0, 0, 0), Append(1, 2, 0, 1, 1), Read(8, 9, 1)],
        ["an append of two events"] = [Append(0, 9, 0, 2, 0, 1), Read(1, 2), Read(3, 4, 0, 1)],
    };

    private static Dictionary<string, Operation[]> Bad { get; } =
        new()
        {
            ["an acknowledged append is lost"] = [Append(0, 1, 0, 1, 0), Read(2, 3)],
            ["a later read misses an event"] = [Append(0, 9, 0, 1, 0), Read(1, 2, 0), Read(3, 4)],
            ["a read sees a later append"] = [Read(0, 1, 0), Append(2, 3, 0, 1, 0)],
            ["two appends at the same version succeed"] = [Append(0, 5, 0, 1, 0), Append(0, 5, 0, 1, 1)],
            ["an append is in the log twice"] = [Append(0, 1, 0, 1, 0), Read(2, 3, 0, 0)],
            ["a read sees half of an append"] = [Append(0, 9, 0, 2, 0, 1), Read(1, 2, 0), Read(10, 11, 0, 1)],
            ["two reads see different orders"] =
            [
                Append(0, 9, -1, 1, 0),
                Append(0, 9, -1, 2, 1),
                Read(1, 3, 0, 1),
                Read(2, 4, 1, 0),
            ],
            ["a conflict with a version that never existed"] =
            [
                Append(0, 1, 0, 1, 0),
                Conflict(2, 3, 0, 7, 1),
                Read(4, 5, 0),
            ],
            ["a conflict although the version was the expected one"] = [Conflict(0, 1, 0, 0, 1), Read(2, 3)],
            ["a refused append is in the log"] = [Append(0, 1, 0, 1, 0), Conflict(2, 3, 0, 1, 1), Read(4, 5, 0, 1)],
            ["an append without an answer appears and disappears"] =
                [Lost(0, 0, 0), Read(1, 2, 0), Read(3, 4), Read(8, 9, 0)],
        };

    [Theory]
    [MemberData(nameof(GoodHistories))]
    public void The_checker_accepts_a_linearizable_history(string history) =>
        Assert.Empty(Linearizability.Problems(Good[history]));

    [Theory]
    [MemberData(nameof(BadHistories))]
    public void The_checker_rejects_a_history_that_is_not_linearizable(string history) =>
        Assert.NotEmpty(Linearizability.Problems(Bad[history]));

    [Fact]
    public void The_checker_accepts_histories_of_a_simulated_log_and_finds_one_changed_answer()
    {
        for (var seed = 1; seed <= 60; seed++)
        {
            var history = Simulate(new Random(seed), clients: 8, operations: 150);
            Assert.Empty(Linearizability.Problems(history));

            var broken = LoseEvent(history, new Random(seed));
            Assert.True(Linearizability.Problems(broken).Count > 0, $"Seed {seed}: the changed answer was not found.");
        }
    }

    /// <summary>
    /// Simulates clients of one log whose operations each happen at one moment between start and end.
    /// </summary>
    private static List<Operation> Simulate(Random random, int clients, int operations)
    {
        var (log, history) = (new List<Guid>(), new List<Operation>());
        var free = new long[clients];
        var moments = Enumerable.Range(0, operations).Select(number => 10L * (number + 1)).ToArray();
        foreach (var moment in moments)
        {
            var client = Enumerable
                .Range(0, clients)
                .Where(number => free[number] < moment)
                .OrderBy(_ => random.Next())
                .First();
            var (started, ended) = (
                moment - random.Next((int)Math.Min(moment - free[client], 60)), moment + random.Next(35));
            free[client] = ended + 1;
            if (random.Next(3) == 0)
            {
                history.Add(
                    new Operation(client, "s", OperationKind.Read, started, ended)
                    {
                        Ids = [.. log],
                        Answer = AnswerKind.Done,
                    }
                );
                continue;
            }
            Guid[] ids = [.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => Guid.NewGuid())];
            var expected = random.Next(3) == 0 ? -1 : log.Count - (random.Next(4) == 0 && log.Count > 0 ? 1 : 0);
            var succeeds = expected < 0 || expected == log.Count;
            if (succeeds)
                log.AddRange(ids);
            history.Add(
                new Operation(
                    client, "s", OperationKind.Append, started, random.Next(20) == 0 ? Operation.Never : ended)
                {
                    Expected = expected,
                    Ids = ids,
                    Version = log.Count,
                }
            );
            history[^1] = history[^1] with
            {
                Answer =
                    history[^1].Ended == Operation.Never ? AnswerKind.Nothing
                    : succeeds ? AnswerKind.Done
                    : AnswerKind.Conflict,
            };
        }
        history.Add(
            new Operation(0, "s", OperationKind.Read, 1_000_000, 1_000_001) { Ids = [.. log], Answer = AnswerKind.Done }
        );
        return history;
    }

    /// <summary>
    /// Removes the first event of an acknowledged append from the last read, as if the event were lost.
    /// </summary>
    private static List<Operation> LoseEvent(List<Operation> history, Random random)
    {
        var acknowledged = history
            .Where(operation => operation.Kind == OperationKind.Append && operation.Answer == AnswerKind.Done)
            .ToList();
        var lost = acknowledged[random.Next(acknowledged.Count)].Ids[0];
        return [.. history.SkipLast(1), history[^1] with { Ids = [.. history[^1].Ids.Where(id => id != lost)] }];
    }

    private static Operation Append(long started, long ended, long expected, long version, params int[] ids) =>
        new(0, "s", OperationKind.Append, started, ended)
        {
            Expected = expected,
            Version = version,
            Ids = [.. ids.Select(id => Ids[id])],
            Answer = AnswerKind.Done,
        };

    private static Operation Conflict(long started, long ended, long expected, long version, int id) =>
        new(0, "s", OperationKind.Append, started, ended)
        {
            Expected = expected,
            Version = version,
            Ids = [Ids[id]],
            Answer = AnswerKind.Conflict,
        };

    private static Operation Lost(long started, long expected, int id) =>
        new(0, "s", OperationKind.Append, started, Operation.Never) { Expected = expected, Ids = [Ids[id]] };

    private static Operation Read(long started, long ended, params int[] ids) =>
        new(0, "s", OperationKind.Read, started, ended)
        {
            Ids = [.. ids.Select(id => Ids[id])],
            Answer = AnswerKind.Done,
        };
}
