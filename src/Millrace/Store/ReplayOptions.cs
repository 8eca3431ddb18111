namespace Millrace;

/// <summary>Options of a replay.</summary>
public sealed class ReplayOptions
{
    /// <summary>Gets or sets the position after which the replay starts; 0 by default.</summary>
    public long After { get; set; }

    /// <summary>
    /// Gets or sets the last position of the replay; by default the end of the log when the replay starts.
    /// </summary>
    public long? To { get; set; }

    /// <summary>Gets or sets a receiver of progress after each page; null by default.</summary>
    public IProgress<ReplayProgress>? Progress { get; set; }
}

/// <summary>The progress of a replay.</summary>
/// <param name="Events">The number of handled events.</param>
/// <param name="Position">The position that the replay has reached.</param>
/// <param name="To">The last position of the replay.</param>
public readonly record struct ReplayProgress(long Events, long Position, long To);

/// <summary>The result of a replay.</summary>
/// <param name="Events">The number of handled events.</param>
/// <param name="Position">The position that the replay has reached. A later replay can continue after this
/// position.</param>
public readonly record struct ReplayResult(long Events, long Position);
