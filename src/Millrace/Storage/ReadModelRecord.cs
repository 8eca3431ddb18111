namespace Millrace.Storage;

/// <summary>The catalogue's row of a read model: which of the collections built for it is read, and which stand beside
/// it.</summary>
public sealed record ReadModelRecord
{
    /// <summary>The read model's name, without a version.</summary>
    public required string Name { get; init; }

    /// <summary>Counts its changes, from 1; 0 for one that is not stored yet. A change is refused when the row has
    /// moved on.</summary>
    public long Revision { get; init; }

    /// <summary>The collection that is read.</summary>
    public required string Live { get; init; }

    /// <summary>The collection that is being built beside it; null when none is.</summary>
    public string? Building { get; init; }

    /// <summary>The collection that was read before, kept up to date for going back; null when there is none.</summary>
    public string? Kept { get; init; }

    /// <summary>Whether the collection that is being built becomes the live one by itself, once it has caught
    /// up.</summary>
    public bool SwitchesItself { get; init; }

    /// <summary>How many builds beside a live one were ever begun, so that no name is given twice.</summary>
    public long Builds { get; init; }

    /// <summary>
    /// The collections of other versions, whose nodes may still run, in the order of their names: at most one of a
    /// version, and none of a version of which one is live, built or kept.
    /// </summary>
    public IReadOnlyList<RetiredCollection> Retired { get; init; } = [];

    /// <summary>Whether all is the same, the retired collections one by one.</summary>
    public bool Equals(ReadModelRecord? other) =>
        other is not null
        && Name == other.Name
        && Revision == other.Revision
        && Live == other.Live
        && Building == other.Building
        && Kept == other.Kept
        && SwitchesItself == other.SwitchesItself
        && Builds == other.Builds
        && Retired.SequenceEqual(other.Retired);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Revision, Live, Building, Kept, Retired.Count);

    /// <summary>Whether a collection is live, built or kept.</summary>
    internal bool Names(string collection) => Live == collection || Building == collection || Kept == collection;

    /// <summary>Whether a collection stands in it in any way.</summary>
    internal bool Mentions(string collection) => Names(collection) || FindRetired(collection) is not null;

    /// <summary>A retired collection; null when it is not retired.</summary>
    internal RetiredCollection? FindRetired(string collection) => Retired.FirstOrDefault(one => one.Name == collection);
}
