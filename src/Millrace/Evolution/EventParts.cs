namespace Millrace;

/// <summary>A stored event that this program reads as several events, or as none. Immutable.</summary>
/// <param name="Parts">What it is read as, in order.</param>
/// <remarks>
/// Aggregates, projections and consumers are handed the parts one by one, all with the place of the stored event;
/// readers of streams and of the log get the stored event, and the parts by <see cref="RecordedEvent.Parts"/>.
/// </remarks>
public sealed record EventParts(IReadOnlyList<object> Parts)
{
    /// <summary>The most events that one is read as.</summary>
    public const int MaxCount = 32;

    internal static EventParts None { get; } = new([]);

    /// <inheritdoc/>
    public bool Equals(EventParts? other) => other is not null && Parts.SequenceEqual(other.Parts);

    /// <inheritdoc/>
    public override int GetHashCode() => Parts.Count;
}
