namespace Millrace;

/// <summary>
/// The status of a projection with stored documents. It contains the number of documents and the status of the consumer
/// that folds them.
/// </summary>
public sealed record ProjectionStatus
{
    /// <summary>
    /// Gets the name of the collection of documents, which is also the name of the consumer. It consists of the name
    /// and the version.
    /// </summary>
    public required string Collection { get; init; }

    /// <summary>Gets the name of the shard that contains the documents; null without shards.</summary>
    public string? Shard => Consumer.Shard;

    /// <summary>Gets the number of documents.</summary>
    public required long Documents { get; init; }

    /// <summary>Gets the status of the consumer.</summary>
    public required ConsumerStatus Consumer { get; init; }
}

/// <summary>The progress of a rebuild.</summary>
/// <param name="Done">The position that the rebuild has reached.</param>
/// <param name="Total">The position at which the rebuild is complete. It is the end of the log at the start of the
/// rebuild.</param>
/// <param name="EventsPerSecond">The average number of events per second from the start.</param>
/// <param name="Left">The remaining time at that speed, or null if it is unknown.</param>
public readonly record struct RebuildProgress(long Done, long Total, double EventsPerSecond, TimeSpan? Left)
{
    /// <summary>
    /// Returns the progress after some seconds. The speed does not include the events up to
    /// <paramref name="startPosition"/>.
    /// </summary>
    internal static RebuildProgress Of(long startPosition, long done, long total, double seconds)
    {
        var reached = Math.Min(done, total);
        var pace = seconds > 0 ? Math.Max(0, reached - startPosition) / seconds : 0;
        return new RebuildProgress(
            reached, total, pace, pace > 0 ? TimeSpan.FromSeconds(Math.Max(0, total - done) / pace) : null);
    }
}
