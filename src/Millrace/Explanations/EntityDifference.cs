using Millrace.Storage;

namespace Millrace;

/// <summary>What became of a stream between two positions of the log.</summary>
public sealed record EntityDifference
{
    /// <summary>How it was at the earlier position.</summary>
    public required EntityView Before { get; init; }

    /// <summary>How it was at the later one.</summary>
    public required EntityView After { get; init; }

    /// <summary>The stream's events in between, oldest first; the first hundred of <see cref="EventCount"/>.</summary>
    public required IReadOnlyList<RecordedEvent> Events { get; init; }

    /// <summary>How many events of the stream lie in between.</summary>
    public required long EventCount { get; init; }

    /// <summary>What differs.</summary>
    public required IReadOnlyList<EntityChange> Changes { get; init; }

    /// <summary>Dead letters that there were at the later position only.</summary>
    public required IReadOnlyList<DeadLetter> LettersOpened { get; init; }

    /// <summary>Dead letters that there were at the earlier position only.</summary>
    public required IReadOnlyList<DeadLetter> LettersClosed { get; init; }
}

/// <summary>The state or a document that differs between two positions.</summary>
/// <param name="ReadModel">The read model of the document; null for the aggregate's state.</param>
/// <param name="Key">The document's key, or the aggregate's.</param>
/// <param name="Kind">In what way.</param>
/// <param name="Fields">The fields that differ: the first twenty.</param>
public sealed record EntityChange(string? ReadModel, string Key, DifferenceKind Kind, IReadOnlyList<FieldDifference> Fields)
{
    /// <summary>How many fields differ.</summary>
    public int FieldCount { get; init; }
}
