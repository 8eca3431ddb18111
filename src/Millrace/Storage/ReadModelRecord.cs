namespace Millrace.Storage;

/// <summary>The catalogue's row of a read model: which of the collections built for it is read, and which stand beside it.</summary>
public sealed record ReadModelRecord
{
    /// <summary>The read model's name, without a version.</summary>
    public required string Name { get; init; }

    /// <summary>Counts its changes, from 1; 0 for one that is not stored yet. A change is refused when the row has moved on.</summary>
    public long Revision { get; init; }

    /// <summary>The collection that is read.</summary>
    public required string Live { get; init; }

    /// <summary>The collection that is being built beside it; null when none is.</summary>
    public string? Building { get; init; }

    /// <summary>The collection that was read before, kept up to date for going back; null when there is none.</summary>
    public string? Kept { get; init; }

    /// <summary>Whether the collection that is being built becomes the live one by itself, once it has caught up.</summary>
    public bool SwitchesItself { get; init; }

    /// <summary>How many builds beside a live one were ever begun, so that no name is given twice.</summary>
    public long Builds { get; init; }

    /// <summary>Whether a collection is one of those it names.</summary>
    internal bool Names(string collection) => Live == collection || Building == collection || Kept == collection;
}
