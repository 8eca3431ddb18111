namespace Millrace;

/// <summary>
/// The streams to archive. A stream must meet all given conditions, of which at least one is required.
/// </summary>
/// <remarks>Streams and events of Millrace itself are never archived.</remarks>
public sealed record ArchiveSelection
{
    /// <summary>Gets the time before which the last event of a stream was recorded; null for any time.</summary>
    public DateTimeOffset? InactiveSince { get; init; }

    /// <summary>
    /// Gets the pattern of the names of streams, such as <c>order-2019-*</c>; null for all names. A <c>*</c> matches
    /// any characters, and a <c>?</c> one.
    /// </summary>
    public string? Streams { get; init; }

    /// <summary>
    /// Gets whether only deleted and closed streams are archived. Applications cannot read them, but the log contains
    /// their events. The default is false.
    /// </summary>
    public bool IsClosed { get; init; }

    /// <summary>Gets whether nothing is archived, and only a report is made. The default is false.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>Gets the name of the user, recorded with the segments; null if it is unknown.</summary>
    public string? By { get; init; }

    internal void Check()
    {
        if (InactiveSince is null && !IsClosed && string.IsNullOrEmpty(Streams))
            throw new ArgumentException("Choose streams: InactiveSince, Streams or IsClosed.");
    }
}
