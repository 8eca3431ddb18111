using System.Runtime.InteropServices;
using Millrace.Storage;

namespace Millrace.PostgreSql.Log;

/// <summary>
/// Assumed facts, which are checked when the batch is written: each stream has the version that its first append
/// expects, or the version that this node wrote last.
/// </summary>
internal sealed class OptimisticFacts : ICommitFacts
{
    private readonly Dictionary<StreamId, StreamHead> _streams = [];
    private readonly List<(StreamId Stream, long Version)> _unverified = [];
    private Dictionary<StreamId, StreamHead>? _fences;

    /// <summary>Gets whether the decision needed a fact that cannot be assumed.</summary>
    public bool IsIncomplete { get; private set; }

    /// <summary>Always 0: the outcomes are moved to the actual end of the log later.</summary>
    public long LastPosition => 0;

    public DateTimeOffset LastTimestamp => DateTimeOffset.MinValue;

    public long LastDocumentVersion => Unknown(0L);

    /// <summary>The number of streams in the batch.</summary>
    public int Streams => _streams.Count;

    /// <summary>
    /// The streams with the versions that the statement must check; excludes those with known versions.
    /// </summary>
    public IReadOnlyList<(StreamId Stream, long Version)> Unverified => _unverified;

    /// <summary>Gets whether the statement checks the versions of fences.</summary>
    public bool VerifiesFences { get; private set; }

    /// <summary>
    /// Makes the statement check the versions of all streams. A refused append writes nothing, so that no unique index
    /// would detect a wrong version.
    /// </summary>
    public void RequireAllVersions()
    {
        _unverified.Clear();
        foreach (var (stream, head) in _streams)
            _unverified.Add((stream, head.Version));
        foreach (var (fence, head) in _fences ?? [])
            _unverified.Add((fence, head.Version));
        VerifiesFences = _fences is not null;
    }

    /// <summary>
    /// Assumes the facts for a batch. Returns false if the batch depends on more than the versions of streams.
    /// </summary>
    /// <param name="batch">The batch.</param>
    /// <param name="versions">The versions that this node wrote last.</param>
    /// <param name="generation">The generation in which those versions hold; null to check all versions.</param>
    /// <param name="fences">The fences that this node has checked; null to check all.</param>
    /// <param name="fenceGeneration">The generation in which the fences must hold.</param>
    public bool Assume(
        IReadOnlyList<CommitRequest> batch,
        StreamVersions versions,
        long? generation,
        KnownFences? fences,
        long fenceGeneration)
    {
        _streams.EnsureCapacity(batch.Count);
        for (var i = 0; i < batch.Count; i++)
        {
            if (!IsPlain(batch[i]))
                return false;
            for (var j = 0; j < batch[i].Guards.Count; j++)
            {
                if (!Assume(batch[i].Guards[j], fences, fenceGeneration))
                    return false;
            }
            for (var j = 0; j < batch[i].Appends.Count; j++)
            {
                if (!Assume(batch[i].Appends[j], versions, generation))
                    return false;
            }
        }
        return true;
    }

    public StreamHead GetStream(StreamId stream) =>
        _fences is not null && _fences.TryGetValue(stream, out var fence) ? fence : _streams[stream];

    public Guid? FindEventId(StreamId stream, long version) => Unknown<Guid?>(null);

    public long FindVersion(StreamId stream, Guid eventId) => Unknown(0L);

    public long GetPosition(StreamId stream, long version) => Unknown(0L);

    public long FindFirstMatch(EventFilter filter, long after) => Unknown(0L);

    public string? FindClaim(string scope, string value) => Unknown<string?>(null);

    public HandledAnswer? FindHandled(string scope, string id, DateTimeOffset now) => Unknown<HandledAnswer?>(null);

    public long GetDocumentVersion(string collection, string key) => Unknown(0L);

    public CheckpointFact GetCheckpoint(string consumer, int partition) => Unknown(default(CheckpointFact));

    public DeadLetterFact GetDeadLetter(string consumer, int partition, long position, string key) =>
        Unknown(default(DeadLetterFact));

    private bool Assume(StreamGuard guard, KnownFences? fences, long generation)
    {
        if (!guard.IsFence)
            return false;
        if (!(_fences ??= []).TryAdd(guard.Stream, new StreamHead(guard.Version, 1, StreamState.Open)))
            return _fences[guard.Stream].Version == guard.Version;
        if (fences?.Holds(guard, generation) != true)
        {
            _unverified.Add((guard.Stream, guard.Version));
            VerifiesFences = true;
        }
        return true;
    }

    private bool Assume(StreamAppend append, StreamVersions versions, long? generation)
    {
        ref var head = ref CollectionsMarshal.GetValueRefOrAddDefault(_streams, append.Stream, out var isAssumed);
        if (isAssumed)
            return true;
        var version = append.Expected.IsExact ? append.Expected.Version : versions.Find(append.Stream);
        if (version is not { } known)
            return false;
        head = new StreamHead(known, 1, StreamState.Open);
        if (generation is null || !versions.Has(append.Stream, known, generation.Value))
            _unverified.Add((append.Stream, known));
        return true;
    }

    private static bool IsPlain(CommitRequest request) =>
        request.Appends.Count > 0
        && request.RecordedAt is null
        && request.Conditions.Count == 0
        && request.Claims.Count == 0
        && request.Documents.Count == 0
        && request.Checkpoint is null
        && request.Handled.Count == 0
        && request.Removals.Count == 0
        && request.Replacements.Count == 0
        && request.DeadLetters.Count == 0
        && request.Statements.Count == 0;

    private T Unknown<T>(T nothing)
    {
        IsIncomplete = true;
        return nothing;
    }
}
