namespace Millrace.Storage;

/// <summary>
/// The record of a read model in the catalog. The record names the collection that queries read, and the other
/// collections of the read model.
/// </summary>
public sealed record ReadModelRecord
{
    /// <summary>Gets the name of the read model, without a version.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// Gets the name of the shard, if <see cref="Projections"/> of an application with shards returned the record;
    /// otherwise null.
    /// </summary>
    public string? Shard { get; init; }

    /// <summary>
    /// Gets the revision, which starts with 1 and increases with each change; 0 for a record that is not stored yet. A
    /// change that is based on an older revision is refused.
    /// </summary>
    public long Revision { get; init; }

    /// <summary>Gets the collection that queries read.</summary>
    public required string Live { get; init; }

    /// <summary>Gets the collection that is being built; null if no build is running.</summary>
    public string? Building { get; init; }

    /// <summary>
    /// Gets the previous live collection, which consumers keep up to date for a switch back; null if there is no such
    /// collection.
    /// </summary>
    public string? Kept { get; init; }

    /// <summary>
    /// Gets whether the collection that is being built becomes live automatically once it has caught up.
    /// </summary>
    public bool SwitchesAutomatically { get; init; }

    /// <summary>
    /// Gets the number of builds that were ever started in addition to a live collection. The number prevents the reuse
    /// of names.
    /// </summary>
    public long Builds { get; init; }

    /// <summary>
    /// Gets the collections of other versions, whose nodes may still run, ordered by name. A version has at most one
    /// retired collection, and no retired collection if it has a live, building or kept collection.
    /// </summary>
    public IReadOnlyList<RetiredCollection> Retired { get; init; } = [];

    /// <summary>Returns whether all values are equal, including each retired collection.</summary>
    public bool Equals(ReadModelRecord? other) =>
        other is not null
        && Name == other.Name
        && Shard == other.Shard
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
    internal bool HasActive(string collection) => Live == collection || Building == collection || Kept == collection;

    /// <summary>Returns whether the record contains a collection in any role.</summary>
    internal bool Contains(string collection) => HasActive(collection) || FindRetired(collection) is not null;

    /// <summary>Finds a retired collection by its name; null if there is no such retired collection.</summary>
    internal RetiredCollection? FindRetired(string collection) =>
        Retired.FirstOrDefault(retired => retired.Name == collection);
}
