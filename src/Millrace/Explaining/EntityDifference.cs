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
    /// Gets whether the comparison is complete. It is not complete if the time limit expired. Compare again with more
    /// time.
    /// </summary>
    public bool IsComplete => Before.IsComplete && After.IsComplete;

    /// <summary>
    /// Gets the first hundred events of the stream between the positions, oldest first. <see cref="EventCount"/> is the
    /// number of all these events.
    /// </summary>
    public required IReadOnlyList<RecordedEvent> Events { get; init; }

    /// <summary>Gets the number of events between the positions in the part of the stream that was read.</summary>
    public required long EventCount { get; init; }

    /// <summary>
    /// Gets the differences of the state and the documents. Only parts that were read to the end for both positions are
    /// compared.
    /// </summary>
    public required IReadOnlyList<EntityChange> Changes { get; init; }

    /// <summary>
    /// Gets the state and the documents that were not compared, because they were not read to the end. Documents after
    /// the first 200 are not compared either. <see cref="EntityView.MoreDocuments"/> is their number.
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
