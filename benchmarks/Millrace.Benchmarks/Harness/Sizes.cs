namespace Millrace.Benchmarks.Harness;

/// <summary>How much is measured.</summary>
internal sealed record Sizes
{
    /// <summary>Its name, for people.</summary>
    public required string Name { get; init; }

    /// <summary>Rounds of each side after those that warm up.</summary>
    public required int Rounds { get; init; }

    /// <summary>Appends of each of 32 writers.</summary>
    public required int SingleAppends { get; init; }

    /// <summary>Appends of 100 events of each of 8 writers.</summary>
    public required int BulkAppends { get; init; }

    /// <summary>Appends of the one writer.</summary>
    public required int SequentialAppends { get; init; }

    /// <summary>Events of the log that is scanned and rebuilt from.</summary>
    public required int LogEvents { get; init; }

    /// <summary>How long events are appended at a steady rate, in seconds.</summary>
    public required int VisibleSeconds { get; init; }

    /// <summary>Events in the log when the cost of an append is measured first.</summary>
    public required int SmallLog { get; init; }

    /// <summary>Events in the log when it is measured again.</summary>
    public required int LargeLog { get; init; }

    /// <summary>Events in the table of a server's log when the cost of an append is measured first.</summary>
    public required int SmallTable { get; init; }

    /// <summary>Events in it when it is measured again.</summary>
    public required int LargeTable { get; init; }

    /// <summary>How long an old snapshot is held open, in seconds.</summary>
    public required int SnapshotSeconds { get; init; }

    /// <summary>How long several nodes append, in seconds.</summary>
    public required int NodeSeconds { get; init; }

    /// <summary>Events of each size that a table is filled with.</summary>
    public required int SizedEvents { get; init; }

    /// <summary>Messages that are published or received.</summary>
    public required int Messages { get; init; }

    /// <summary>Timers that wait.</summary>
    public required int Timers { get; init; }

    /// <summary>Whether the nanoseconds are measured with few iterations.</summary>
    public required bool IsShort { get; init; }

    /// <summary>About two minutes.</summary>
    public static Sizes Quick { get; } = new()
    {
        Name = "quick: smaller data than the goals ask for",
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

    /// <summary>What the goals ask for, but for the growth of the log.</summary>
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

    /// <summary>What the goals ask for.</summary>
    public static Sizes Long { get; } = Full with
    {
        Name = "long",
        LargeLog = 5_000_000,
        LargeTable = 20_000_000,
        SnapshotSeconds = 600,
    };

    /// <summary>As little as will run: to see that the benchmarks work, not to measure.</summary>
    public static Sizes Tiny { get; } = new()
    {
        Name = "tiny: only to see that it runs; the figures mean nothing",
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
