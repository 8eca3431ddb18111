namespace Millrace.Storage;

/// <summary>
/// The record of a read model in the catalog: the collection that is read, and the other collections built for it.
/// </summary>
public sealed record ReadModelRecord
{
    /// <summary>Gets the name of the read model, without a version.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// Gets the revision, a count of the changes from 1; 0 for a record that is not stored yet. A change of an outdated
    /// revision is refused.
    /// </summary>
    public long Revision { get; init; }

    /// <summary>Gets the collection that is read.</summary>
    public required string Live { get; init; }

    /// <summary>Gets the collection that is being built; null for none.</summary>
    public string? Building { get; init; }

    /// <summary>Gets the previous live collection, which is kept up to date for a switch back; null for none.</summary>
    public string? Kept { get; init; }

    /// <summary>
    /// Gets whether the collection that is being built becomes live automatically once it has caught up.
    /// </summary>
    public bool SwitchesAutomatically { get; init; }

    /// <summary>
    /// Gets the number of builds that were ever started beside a live collection, so that no name is reused.
    /// </summary>
    public long Builds { get; init; }

    /// <summary>
    /// Gets the collections of other versions, whose nodes may still run, ordered by name. There is at most one per
    /// version, and none of a version with a live, building or kept collection.
    /// </summary>
    public IReadOnlyList<RetiredCollection> Retired { get; init; } = [];

    /// <summary>Returns whether all values are equal, including each retired collection.</summary>
    public bool Equals(ReadModelRecord? other) =>
        other is not null
        && Name == other.Name
        && Revision == other.Revision
        && Live == other.Live
        && Building == other.Building
        && Kept == other.Kept
        && SwitchesAutomatically == other.SwitchesAutomatically
        && Builds == other.Builds
        && Retired.SequenceEqual(other.Retired);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Revision, Live, Building, Kept, Retired.Count);

    /// <summary>Returns whether a collection is live, being built or kept.</summary>
    internal bool Names(string collection) => Live == collection || Building == collection || Kept == collection;

    /// <summary>Returns whether the record contains a collection in any role.</summary>
    internal bool Mentions(string collection) => Names(collection) || FindRetired(collection) is not null;

    /// <summary>Finds a retired collection; null if it is not retired.</summary>
    internal RetiredCollection? FindRetired(string collection) =>
        Retired.FirstOrDefault(retired => retired.Name == collection);
}
