namespace Millrace.Benchmarks.Harness;

/// <summary>The sizes of a run.</summary>
internal sealed record Sizes
{
    /// <summary>Gets the display name.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// Gets the number of measured rounds of Millrace and of each comparison, without warm-up rounds.
    /// </summary>
    public required int Rounds { get; init; }

    /// <summary>Gets the number of appends of each of 32 writers.</summary>
    public required int SingleAppends { get; init; }

    /// <summary>Gets the number of appends of each of 8 writers, with 100 events per append.</summary>
    public required int BulkAppends { get; init; }

    /// <summary>Gets the number of appends of a single writer.</summary>
    public required int SequentialAppends { get; init; }

    /// <summary>Gets the number of events in the log for scans and rebuilds.</summary>
    public required int LogEvents { get; init; }

    /// <summary>Gets the number of events in a restored log.</summary>
    public long RestoredEvents { get => field > 0 ? field : LogEvents; init; }

    /// <summary>Gets the duration of appends at a steady rate, in seconds.</summary>
    public required int VisibleSeconds { get; init; }

    /// <summary>Gets the number of events in the log at the first measurement of the cost of an append.</summary>
    public required int SmallLog { get; init; }

    /// <summary>Gets the number of events in the log at the second measurement.</summary>
    public required int LargeLog { get; init; }

    /// <summary>
    /// Gets the number of events in a server's table at the first measurement of the cost of an append.
    /// </summary>
    public required int SmallTable { get; init; }

    /// <summary>Gets the number of events in a server's table at the second measurement.</summary>
    public required int LargeTable { get; init; }

    /// <summary>Gets the time for which another connection keeps an old snapshot open, in seconds.</summary>
    public required int SnapshotSeconds { get; init; }

    /// <summary>Gets the duration of appends by several nodes, in seconds.</summary>
    public required int NodeSeconds { get; init; }

    /// <summary>Gets the number of events of each payload size.</summary>
    public required int SizedEvents { get; init; }

    /// <summary>Gets the number of published or received messages.</summary>
    public required int Messages { get; init; }

    /// <summary>Gets the number of pending timers.</summary>
    public required int Timers { get; init; }

    /// <summary>Gets whether micro-benchmarks run with few iterations.</summary>
    public required bool IsShort { get; init; }

    /// <summary>Gets the sizes of a run of about two minutes.</summary>
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

    /// <summary>Gets the sizes that the goals require, except for the growth of the log.</summary>
    public static Sizes Full { get; } = new()
    {
        Name = "full; the log grows less than with --long",
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

    /// <summary>Gets the sizes that the goals require.</summary>
    public static Sizes Long { get; } = Full with
    {
        Name = "long",
        LargeLog = 5_000_000,
        LargeTable = 20_000_000,
        SnapshotSeconds = 600,
    };

    /// <summary>
    /// Gets the smallest sizes. Such a run only checks that the benchmarks work; its figures have no meaning.
    /// </summary>
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
