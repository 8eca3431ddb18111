using Millrace.Storage;

namespace Millrace.PostgreSql;

/// <summary>
/// The versions of streams that this node wrote last, on the connection that it commits on: guesses, which the database
/// checks, until they are known to hold.
/// </summary>
internal sealed class StreamVersions
{
    private const int MaxCached = 20_000;

    private readonly Dictionary<StreamId, (long Version, long Generation)> _versions = [];

    /// <summary>The last position that was written; 0 when none was.</summary>
    public long LastPosition { get; private set; }

    public long? Find(StreamId stream) => _versions.TryGetValue(stream, out var known) ? known.Version : null;

    /// <summary>
    /// Whether a stream had a version and was open while the turn was what it is now: then it is still open, has that
    /// version at least, and an event with the next one fails where it has more.
    /// </summary>
    public bool Has(StreamId stream, long version, long generation) =>
        _versions.TryGetValue(stream, out var known) && known == (version, generation);

    /// <summary>Notes where streams stand after a commit.</summary>
    /// <param name="batch">What was committed.</param>
    /// <param name="outcomes">What became of each.</param>
    /// <param name="generation">The turn at which it was written.</param>
    public void Note(IReadOnlyList<CommitRequest> batch, CommitOutcome[] outcomes, long generation)
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
