using System.Globalization;

namespace Millrace.Faults.Tests;

/// <summary>
/// A random schedule for several nodes, which its seed determines. In each round, all nodes execute one step
/// concurrently.
/// </summary>
internal sealed record Schedule(int Seed, IReadOnlyList<IReadOnlyList<ScheduledStep>> Rounds)
{
    /// <summary>The number of nodes.</summary>
    public const int Nodes = 3;

    /// <summary>The number of streams of a schedule.</summary>
    public const int Streams = 4;

    /// <summary>The environment variable with the seed of the only schedule to run.</summary>
    public const string SeedVariable = "MILLRACE_SCHEDULE";

    private const int RoundCount = 7;

    /// <summary>Returns the schedule of a seed.</summary>
    public static Schedule Of(int seed)
    {
        var random = new Random(seed);
        return new Schedule(seed, [.. Enumerable.Range(0, RoundCount).Select(_ => Round(random))]);
    }

    /// <summary>Returns the name of a stream.</summary>
    public string Stream(int number) => string.Create(CultureInfo.InvariantCulture, $"plan-{Seed}.{number}");

    public override string ToString() =>
        $"schedule {Seed} (reproduce it with {SeedVariable}={Seed} ./test --only ScheduleTests)\n"
        + string.Join('\n', Rounds.Select((round, number) => $"  round {number + 1}: {string.Join("; ", round)}"));

    private static ScheduledStep[] Round(Random random) =>
        [.. Enumerable.Range(0, Nodes).Select(node => new ScheduledStep(
            node,
            random.Next(20) switch
            {
                < 9 => StepKind.Commit,
                < 12 => StepKind.CommitAny,
                < 14 => StepKind.RollBack,
                < 16 => StepKind.KillWhileCommitting,
                < 17 => StepKind.KillAndCommit,
                < 18 => StepKind.HoldLock,
                _ => StepKind.Read,
            },
            random.Next(Streams),
            random.Next(1, 4),
            random.Next(0, 4)))];
}

/// <summary>The step of one node in a round.</summary>
/// <param name="Node">The node.</param>
/// <param name="Kind">The kind of step.</param>
/// <param name="Stream">The number of the stream.</param>
/// <param name="Events">The number of appended events.</param>
/// <param name="DelayMs">The delay after the start of the round, in milliseconds.</param>
internal sealed record ScheduledStep(int Node, StepKind Kind, int Stream, int Events, int DelayMs)
{
    public override string ToString() => $"node {Node} +{DelayMs} ms {Kind} {Events} to {Stream}";
}

/// <summary>Kinds of steps.</summary>
internal enum StepKind
{
    /// <summary>Appends at the last known version of the stream.</summary>
    Commit,

    /// <summary>Appends at any version.</summary>
    CommitAny,

    /// <summary>Appends together with a statement that fails, so that the transaction is rolled back.</summary>
    RollBack,

    /// <summary>Appends while the test ends the back-ends of the node.</summary>
    KillWhileCommitting,

    /// <summary>Appends after the test has ended the back-ends of the node.</summary>
    KillAndCommit,

    /// <summary>
    /// Acquires the lock of the log in another transaction, holds the lock for a moment, and rolls back.
    /// </summary>
    HoldLock,

    /// <summary>Reads the stream.</summary>
    Read,
}
