namespace Millrace.Benchmarks.Harness;

/// <summary>How much is measured.</summary>
internal sealed record Sizes
{
    /// <summary>Its name, for people.</summary>
    public required string Name { get; init; }

    /// <summary>Rounds of each side after the one that warms up.</summary>
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
        IsShort = true,
    };

    /// <summary>What the goals ask for, but for the growth of the log.</summary>
    public static Sizes Full { get; } = new()
    {
        Name = "full; the log grows to 1,000,000 events (--long: 5,000,000)",
        Rounds = 3,
        SingleAppends = 6_000,
        BulkAppends = 600,
        SequentialAppends = 15_000,
        LogEvents = 1_000_000,
        VisibleSeconds = 15,
        SmallLog = 50_000,
        LargeLog = 1_000_000,
        IsShort = false,
    };

    /// <summary>What the goals ask for.</summary>
    public static Sizes Long { get; } = Full with { Name = "long", LargeLog = 5_000_000 };

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
        IsShort = true,
    };
}
