using System.Collections.Concurrent;
using Millrace.Storage;

namespace Millrace.Materializing.Immediate;

/// <summary>An immediate view on a node, with the projection whose documents it reads.</summary>
internal sealed class HostedImmediate(
    ImmediateComputation view, ProjectionDefinition projection, ViewServices services)
{
    private readonly ConcurrentDictionary<string, ViewReads> _reads = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _unfollowed = new(StringComparer.Ordinal);

    public ImmediateComputation View => view;

    public ProjectionDefinition Projection => projection;

    public ViewServices Services => services;

    public ImmediateStateStore States { get; } = new(services.Store);

    /// <summary>Gets the revision of the read model in the catalog that this node knows; 0 if it is unknown.</summary>
    public long Revision => services.Store.ReadModels.Find(projection.Name)?.Revision ?? 0;

    /// <summary>Returns whether the catalog contains a collection, or does not know the read model.</summary>
    public bool IsListed(string source) =>
        services.Store.ReadModels.Find(projection.Name)?.Contains(source) != false;

    /// <summary>
    /// Notes that a run of this node committed without the view. The next run can have the same lease epoch.
    /// </summary>
    public void NoteUnfollowed(string source, long leaseEpoch) => _unfollowed[source] = leaseEpoch;

    /// <summary>Notes that the stored state is that of a commit which included the view.</summary>
    public void ForgetUnfollowed(string source) => _unfollowed.TryRemove(source, out _);

    /// <summary>Returns whether a run with the lease epoch committed without the view.</summary>
    public bool WasUnfollowed(string source, long leaseEpoch) =>
        _unfollowed.TryGetValue(source, out var epoch) && epoch == leaseEpoch;

    /// <summary>Returns whether this node's version of the projection writes a collection.</summary>
    public bool IsWrittenTo(string collection) => CollectionName.FirstOf(collection) == projection.Collection;

    /// <summary>Creates the rules that change the rows.</summary>
    public RowRules CreateRules() => view.CreateRules(projection, services.Store.Storage.Documents);

    /// <summary>Counts a read of the rows for a collection of the read model.</summary>
    public void RecordRead(string source) => _reads.GetOrAdd(source, static _ => new ViewReads()).Add();

    /// <summary>Stores the counted reads.</summary>
    public async ValueTask StoreReads(DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var (source, reads) in _reads)
            await reads.Store(services.States, view.KeyOf(source), now, cancellationToken).ConfigureAwait(false);
    }
}
