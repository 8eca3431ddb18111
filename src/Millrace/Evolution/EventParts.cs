namespace Millrace;

/// <summary>The parts of a stored event that this program reads as several events, or as no event. Immutable.</summary>
/// <param name="Parts">The events that the program reads instead of the stored event, in order.</param>
/// <remarks>
/// Aggregates, projections and consumers receive the parts one after another. Each part has the version and position of
/// the stored event. Readers of streams and of the log receive the stored event, and <see cref="RecordedEvent.Parts"/>
/// returns its parts.
/// </remarks>
public sealed record EventParts(IReadOnlyList<object> Parts)
{
    /// <summary>The maximum number of parts of one stored event.</summary>
    public const int MaxCount = 32;

    internal static EventParts None { get; } = new([]);

    /// <inheritdoc/>
    public bool Equals(EventParts? other) => other is not null && Parts.SequenceEqual(other.Parts);

    /// <inheritdoc/>
    public override int GetHashCode() => Parts.Count;
}
