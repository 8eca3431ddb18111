using Millrace.Storage;

namespace Millrace;

/// <summary>What became of a stream between two positions of the log.</summary>
public sealed record EntityDifference
{
    /// <summary>How it was at the earlier position.</summary>
    public required EntityView Before { get; init; }

    /// <summary>How it was at the later one.</summary>
    public required EntityView After { get; init; }

    /// <summary>
    /// Whether all was read to the end, and so compared: false where the time limit came first. Then ask again with
    /// more time.
    /// </summary>
    public bool IsComplete => Before.IsComplete && After.IsComplete;

    /// <summary>The stream's events in between, oldest first; the first hundred of <see cref="EventCount"/>.</summary>
    public required IReadOnlyList<RecordedEvent> Events { get; init; }

    /// <summary>How many events of the stream lie in between, as far as it was read.</summary>
    public required long EventCount { get; init; }

    /// <summary>What differs, of what was read to the end for both positions.</summary>
    public required IReadOnlyList<EntityChange> Changes { get; init; }

    /// <summary>
    /// What was not compared, because it was not read to the end: nobody knows whether it differs. Documents beyond the
    /// first 200 are not compared either, and counted by <see cref="EntityView.MoreDocuments"/>.
    /// </summary>
    public IReadOnlyList<EntityPart> NotCompared { get; init; } = [];

    /// <summary>Dead letters that there were at the later position only.</summary>
    public required IReadOnlyList<DeadLetter> OpenedDeadLetters { get; init; }

    /// <summary>Dead letters that there were at the earlier position only.</summary>
    public required IReadOnlyList<DeadLetter> ClosedDeadLetters { get; init; }
}

/// <summary>The state or a document that differs between two positions.</summary>
/// <param name="ReadModel">The read model of the document; null for the aggregate's state.</param>
/// <param name="Key">The document's key, or the aggregate's.</param>
/// <param name="Kind">In what way.</param>
/// <param name="Fields">The fields that differ: the first twenty.</param>
public sealed record EntityChange(
    string? ReadModel, string Key, DifferenceKind Kind, IReadOnlyList<FieldDifference> Fields)
{
    /// <summary>How many fields differ.</summary>
    public int FieldCount { get; init; }
}

/// <summary>The state of an entity, or a document that its events are in.</summary>
/// <param name="ReadModel">The read model of the document; null for the aggregate's state.</param>
/// <param name="Key">The document's key, or the aggregate's.</param>
public sealed record EntityPart(string? ReadModel, string Key);
