using Millrace.Storage;

namespace Millrace.PostgreSql.Log;

/// <summary>
/// The versions of fences that a commit of this node has checked. They hold while the generation of the log is
/// unchanged, because a change of a fence has an effect only after a removal.
/// </summary>
/// <remarks>
/// The names of fences have the same prefix up to the last slash. If no fence of a prefix exists, one lookup per
/// generation is sufficient for all of them.
/// </remarks>
internal sealed class KnownFences
{
    private const int MaxFences = 10_000;

    private readonly Dictionary<StreamId, long> _versions = [];
    private long _generation;
    private string? _unusedPrefix; // The prefix of fences of which none exists.

    /// <summary>Returns the prefix of the name of a fence; null if it has none.</summary>
    public static string? PrefixOf(StreamId fence) =>
        fence.Value.LastIndexOf('/') is > 0 and var end ? fence.Value[..(end + 1)] : null;

    /// <summary>Returns whether all guards are fences whose versions hold in a generation.</summary>
    public bool Hold(IReadOnlyList<StreamGuard> guards, long generation)
    {
        for (var i = 0; i < guards.Count; i++)
        {
            if (!guards[i].IsFence || !Holds(guards[i], generation))
                return false;
        }
        return true;
    }

    /// <summary>Returns whether the version of a fence holds in a generation.</summary>
    public bool Holds(StreamGuard guard, long generation)
    {
        if (generation != _generation)
            return false;
        return _versions.TryGetValue(guard.Stream, out var version)
            ? version == guard.Version
            : guard.Version == 0
                && _unusedPrefix is { } prefix
                && guard.Stream.Value.StartsWith(prefix, StringComparison.Ordinal);
    }

    /// <summary>Records the fences that a batch has checked.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="outcomes">The outcome of each request.</param>
    /// <param name="generation">The generation of the log when the fences were read, or an earlier one.</param>
    /// <param name="unusedPrefix">The prefix of fences of which none exists; null if it is not known.</param>
    public void RecordCommit(
        IReadOnlyList<CommitRequest> batch, CommitOutcome[] outcomes, long generation, string? unusedPrefix)
    {
        if (generation != _generation)
            _unusedPrefix = null;
        _unusedPrefix = unusedPrefix ?? _unusedPrefix;
        if (generation != _generation || _versions.Count > MaxFences)
            _versions.Clear();
        _generation = generation;
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (outcomes[i].Result != CommitResult.Committed)
                continue;
            foreach (var guard in batch[i].Guards)
            {
                if (guard.IsFence)
                    _versions[guard.Stream] = guard.Version;
            }
        }
    }

    /// <summary>Forgets all fences.</summary>
    public void Clear()
    {
        _versions.Clear();
        _unusedPrefix = null;
    }
}
