using Millrace.Storage;

namespace Millrace.PostgreSql.Log;

/// <summary>
/// Caches the versions of streams that this node wrote last on its commit connection. The database checks them unless
/// they are known to hold.
/// </summary>
internal sealed class StreamVersions
{
    private const int MaxCached = 20_000;

    private readonly Dictionary<StreamId, (long Version, long Generation)> _versions = [];

    /// <summary>The last written position; 0 if none.</summary>
    public long LastPosition { get; private set; }

    public long? Find(StreamId stream) => _versions.TryGetValue(stream, out var known) ? known.Version : null;

    /// <summary>
    /// Returns true if a stream was open and had a version in the given generation. It is then still open and has at
    /// least that version. If it has a later one, a write of the next version fails.
    /// </summary>
    public bool Has(StreamId stream, long version, long generation) =>
        _versions.TryGetValue(stream, out var known) && known == (version, generation);

    /// <summary>Records the versions of streams after a commit.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="outcomes">The outcome of each request.</param>
    /// <param name="generation">The generation in which the batch was written.</param>
    public void RecordCommit(IReadOnlyList<CommitRequest> batch, CommitOutcome[] outcomes, long generation)
    {
        if (_versions.Count > MaxCached)
            _versions.Clear();
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (outcomes[i].Result != CommitResult.Committed)
                continue;
            for (var j = 0; j < batch[i].Appends.Count; j++)
                _versions[batch[i].Appends[j].Stream] = (outcomes[i].Placements[j].LastVersion, generation);
            if (batch[i].Appends.Count > 0)
                LastPosition = outcomes[i].Position;
            foreach (var removal in batch[i].Removals)
                _versions.Remove(removal.Stream);
        }
    }

    public void Clear()
    {
        _versions.Clear();
        LastPosition = 0;
    }
}
