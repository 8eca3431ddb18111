using Millrace.Storage;

namespace Millrace.PostgreSql;

/// <summary>The versions of streams that this node wrote last: guesses, which the database checks.</summary>
internal sealed class StreamVersions
{
    private const int MostRemembered = 20_000;

    private readonly Dictionary<StreamId, long> _versions = [];

    public long? Find(StreamId stream) => _versions.TryGetValue(stream, out var version) ? version : null;

    /// <summary>Notes where streams stand after a commit.</summary>
    public void Note(IReadOnlyList<CommitRequest> batch, CommitOutcome[] outcomes)
    {
        if (_versions.Count > MostRemembered)
            _versions.Clear();
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (outcomes[i].Result != CommitResult.Committed)
                continue;
            for (var j = 0; j < batch[i].Appends.Count; j++)
                _versions[batch[i].Appends[j].Stream] = outcomes[i].Placements[j].LastVersion;
            foreach (var removal in batch[i].Removals)
                _versions.Remove(removal.Stream);
        }
    }

    public void Clear() => _versions.Clear();
}
