namespace Millrace.Benchmarks.Harness;

/// <summary>The sizes of a run.</summary>
internal sealed record Sizes
{
    /// <summary>The display name.</summary>
    public required string Name { get; init; }

    /// <summary>Measured rounds of each side, without warm-up rounds.</summary>
    public required int Rounds { get; init; }

    /// <summary>Appends of each of 32 writers.</summary>
    public required int SingleAppends { get; init; }

    /// <summary>Appends of 100 events of each of 8 writers.</summary>
    public required int BulkAppends { get; init; }

    /// <summary>Appends of a single writer.</summary>
    public required int SequentialAppends { get; init; }

    /// <summary>Events of the log for scans and rebuilds.</summary>
    public required int LogEvents { get; init; }

    /// <summary>The duration of appends at a steady rate, in seconds.</summary>
    public required int VisibleSeconds { get; init; }

    /// <summary>Events in the log at the first measurement of the cost of an append.</summary>
    public required int SmallLog { get; init; }

    /// <summary>Events in the log at the second measurement.</summary>
    public required int LargeLog { get; init; }

    /// <summary>Events in a server's table at the first measurement of the cost of an append.</summary>
    public required int SmallTable { get; init; }

    /// <summary>Events in a server's table at the second measurement.</summary>
    public required int LargeTable { get; init; }

    /// <summary>The duration of an open old snapshot, in seconds.</summary>
    public required int SnapshotSeconds { get; init; }

    /// <summary>The duration of appends by several nodes, in seconds.</summary>
    public required int NodeSeconds { get; init; }

    /// <summary>Events of each size in a filled table.</summary>
    public required int SizedEvents { get; init; }

    /// <summary>Published or received messages.</summary>
    public required int Messages { get; init; }

    /// <summary>Pending timers.</summary>
    public required int Timers { get; init; }

    /// <summary>True to run micro-benchmarks with few iterations.</summary>
    public required bool IsShort { get; init; }

    /// <summary>A run of about two minutes.</summary>
    public static Sizes Quick { get; } = new()
    {
        Name = "quick: smaller data than the goals require",
        Rounds = 3,
        SingleAppends = 1_500,
        BulkAppends = 150,
        SequentialAppends = 3_000,
        LogEvents = 200_000,
        VisibleSeconds = 4,
        SmallLog = 50_000,
        LargeLog = 250_000,
        SmallTable = 100_000,
        LargeTable = 600_000,
        SnapshotSeconds = 5,
        NodeSeconds = 3,
        SizedEvents = 10_000,
        Messages = 30_000,
        Timers = 100_000,
        IsShort = true,
    };

    /// <summary>The sizes of the goals, except for the growth of the log.</summary>
    public static Sizes Full { get; } = new()
    {
        Name = "full; the log grows less than by --long",
        Rounds = 3,
        SingleAppends = 6_000,
        BulkAppends = 600,
        SequentialAppends = 15_000,
        LogEvents = 1_000_000,
        VisibleSeconds = 15,
        SmallLog = 50_000,
        LargeLog = 1_000_000,
        SmallTable = 200_000,
        LargeTable = 2_000_000,
        SnapshotSeconds = 60,
        NodeSeconds = 10,
        SizedEvents = 50_000,
        Messages = 100_000,
        Timers = 1_000_000,
        IsShort = false,
    };

    /// <summary>The sizes of the goals.</summary>
    public static Sizes Long { get; } = Full with
    {
        Name = "long",
        LargeLog = 5_000_000,
        LargeTable = 20_000_000,
        SnapshotSeconds = 600,
    };

    /// <summary>The smallest sizes: checks that the benchmarks work, without meaningful figures.</summary>
    public static Sizes Tiny { get; } = new()
    {
        Name = "tiny: only checks that it runs; the figures have no meaning",
        Rounds = 1,
        SingleAppends = 20,
        BulkAppends = 2,
        SequentialAppends = 50,
        LogEvents = 10_000,
        VisibleSeconds = 1,
        SmallLog = 10_000,
        LargeLog = 12_000,
        SmallTable = 10_000,
        LargeTable = 12_000,
        SnapshotSeconds = 1,
        NodeSeconds = 1,
        SizedEvents = 500,
        Messages = 1_500,
        Timers = 1_000,
        IsShort = true,
    };
}
