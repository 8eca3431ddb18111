namespace Millrace;

/// <summary>A stored event that this program reads as several events, or as none. Immutable.</summary>
/// <param name="Parts">The events that it is read as, in order.</param>
/// <remarks>
/// Aggregates, projections and consumers receive the parts one by one, all with the version and position of the stored
/// event. Readers of streams and of the log receive the stored event; <see cref="RecordedEvent.Parts"/> returns its
/// parts.
/// </remarks>
public sealed record EventParts(IReadOnlyList<object> Parts)
{
    /// <summary>The maximum number of events that one stored event is read as.</summary>
    public const int MaxCount = 32;

    internal static EventParts None { get; } = new([]);

    /// <inheritdoc/>
    public bool Equals(EventParts? other) => other is not null && Parts.SequenceEqual(other.Parts);

    /// <inheritdoc/>
    public override int GetHashCode() => Parts.Count;
}
