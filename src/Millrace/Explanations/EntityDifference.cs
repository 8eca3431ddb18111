using Millrace.Storage;

namespace Millrace;

/// <summary>The differences of a stream between two positions of the log.</summary>
public sealed record EntityDifference
{
    /// <summary>Gets the view at the earlier position.</summary>
    public required EntityView Before { get; init; }

    /// <summary>Gets the view at the later position.</summary>
    public required EntityView After { get; init; }

    /// <summary>
    /// Gets whether everything was read to the end and compared. False when the time limit came first; then compare
    /// again with more time.
    /// </summary>
    public bool IsComplete => Before.IsComplete && After.IsComplete;

    /// <summary>
    /// Gets the stream's events in between, oldest first; the first hundred of <see cref="EventCount"/>.
    /// </summary>
    public required IReadOnlyList<RecordedEvent> Events { get; init; }

    /// <summary>Gets the number of events in between, as far as the stream was read.</summary>
    public required long EventCount { get; init; }

    /// <summary>Gets the differences in everything that was read to the end for both positions.</summary>
    public required IReadOnlyList<EntityChange> Changes { get; init; }

    /// <summary>
    /// Gets what was not compared because it was not read to the end. Documents beyond the first 200 are not compared
    /// either; <see cref="EntityView.MoreDocuments"/> counts them.
    /// </summary>
    public IReadOnlyList<EntityPart> NotCompared { get; init; } = [];

    /// <summary>Gets the dead letters that exist only at the later position.</summary>
    public required IReadOnlyList<DeadLetter> OpenedDeadLetters { get; init; }

    /// <summary>Gets the dead letters that exist only at the earlier position.</summary>
    public required IReadOnlyList<DeadLetter> ClosedDeadLetters { get; init; }
}

/// <summary>The state or a document that differs between two positions.</summary>
/// <param name="ReadModel">The read model of the document; null for the aggregate's state.</param>
/// <param name="Key">The key of the document or the aggregate.</param>
/// <param name="Kind">The kind of difference.</param>
/// <param name="Fields">The first twenty fields that differ.</param>
public sealed record EntityChange(
    string? ReadModel, string Key, DifferenceKind Kind, IReadOnlyList<FieldDifference> Fields)
{
    /// <summary>Gets the number of fields that differ.</summary>
    public int FieldCount { get; init; }
}

/// <summary>The state of an entity, or a document of its events.</summary>
/// <param name="ReadModel">The read model of the document; null for the aggregate's state.</param>
/// <param name="Key">The key of the document or the aggregate.</param>
public sealed record EntityPart(string? ReadModel, string Key);
