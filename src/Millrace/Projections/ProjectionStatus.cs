namespace Millrace;

/// <summary>A projection as it stands, wherever it runs.</summary>
public sealed record ProjectionStatus
{
    /// <summary>The collection of its documents, which is also its consumer's name: name and version.</summary>
    public required string Collection { get; init; }

    /// <summary>How many documents there are.</summary>
    public required long Documents { get; init; }

    /// <summary>Its consumer.</summary>
    public required ConsumerStatus Consumer { get; init; }
}

/// <summary>How far a rebuild is.</summary>
/// <param name="Done">The position it has reached.</param>
/// <param name="Total">The position at which it is done: the end of the log when it began.</param>
/// <param name="EventsPerSecond">How fast it has been since it began.</param>
/// <param name="Left">How long it will take at that pace; null when that cannot be said.</param>
public readonly record struct RebuildProgress(long Done, long Total, double EventsPerSecond, TimeSpan? Left)
{
    /// <summary>How far it is after some seconds; what was done before it was looked at says nothing about the
    /// pace.</summary>
    internal static RebuildProgress Of(long begun, long done, long total, double seconds)
    {
        var reached = Math.Min(done, total);
        var pace = seconds > 0 ? Math.Max(0, reached - begun) / seconds : 0;
        return new RebuildProgress(
            reached, total, pace, pace > 0 ? TimeSpan.FromSeconds(Math.Max(0, total - done) / pace) : null);
    }
}
