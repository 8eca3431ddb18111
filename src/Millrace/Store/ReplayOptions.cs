namespace Millrace;

/// <summary>From where to where a replay goes, and whom it tells.</summary>
public sealed class ReplayOptions
{
    /// <summary>The position after which it begins; 0 by default.</summary>
    public long After { get; set; }

    /// <summary>The last position it hands on; by default the end of the log when it begins.</summary>
    public long? To { get; set; }

    /// <summary>Told after each page; null by default.</summary>
    public IProgress<ReplayProgress>? Progress { get; set; }
}

/// <summary>How far a replay is.</summary>
/// <param name="Events">How many events were handed on.</param>
/// <param name="Position">The position it has reached.</param>
/// <param name="To">The position at which it ends.</param>
public readonly record struct ReplayProgress(long Events, long Position, long To);

/// <summary>What a replay did.</summary>
/// <param name="Events">How many events were handed on.</param>
/// <param name="Position">The position it has reached: go on after it.</param>
public readonly record struct ReplayResult(long Events, long Position);
