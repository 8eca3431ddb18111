using System.Globalization;

namespace Millrace.Faults.Tests;

/// <summary>A random schedule for several nodes, all of it given by its seed: rounds, in each of which every node does
/// one thing at the same time as the others.</summary>
internal sealed record Schedule(int Seed, IReadOnlyList<IReadOnlyList<ScheduledStep>> Rounds)
{
    /// <summary>How many nodes there are.</summary>
    public const int Nodes = 3;

    /// <summary>How many its own streams a schedule has.</summary>
    public const int Streams = 4;

    /// <summary>The environment variable that has one schedule run alone.</summary>
    public const string SeedVariable = "MILLRACE_SCHEDULE";

    private const int RoundCount = 7;

    /// <summary>The schedule of a seed.</summary>
    public static Schedule Of(int seed)
    {
        var random = new Random(seed);
        return new Schedule(seed, [.. Enumerable.Range(0, RoundCount).Select(_ => Round(random))]);
    }

    /// <summary>The stream of a number.</summary>
    public string Stream(int number) => string.Create(CultureInfo.InvariantCulture, $"plan-{Seed}.{number}");

    public override string ToString() =>
        $"schedule {Seed} (see it again: {SeedVariable}={Seed} ./test --only ScheduleTests)\n"
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

/// <summary>What one node does in a round.</summary>
/// <param name="Node">The node.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Stream">To which stream.</param>
/// <param name="Events">How many events it appends.</param>
/// <param name="DelayMs">How many milliseconds after its round started.</param>
internal sealed record ScheduledStep(int Node, StepKind Kind, int Stream, int Events, int DelayMs)
{
    public override string ToString() => $"node {Node} +{DelayMs} ms {Kind} {Events} to {Stream}";
}

/// <summary>Kinds of steps.</summary>
internal enum StepKind
{
    /// <summary>Appends at the version that the stream was last known to have.</summary>
    Commit,

    /// <summary>Appends at any version.</summary>
    CommitAny,

    /// <summary>Appends together with a statement that fails, so that all of it is rolled back.</summary>
    RollBack,

    /// <summary>Appends, while the back-ends of its node are ended.</summary>
    KillWhileCommitting,

    /// <summary>Has the back-ends of its node ended, and appends.</summary>
    KillAndCommit,

    /// <summary>Somebody takes the log's lock in a transaction, holds it for a moment, and rolls back.</summary>
    HoldLock,

    /// <summary>Reads the stream.</summary>
    Read,
}
