using System.Collections.Concurrent;

namespace Millrace.Queries;

/// <summary>
/// The positions at which tags were last invalidated, as far as this node remembers them. One thread writes, and many
/// read.
/// </summary>
/// <remarks>
/// Answers from before <see cref="Horizon"/> are never valid, because the node may have forgotten an invalidation. An
/// answer from after the last invalidation of all of its tags is valid, no matter when and where it was stored.
/// </remarks>
/// <param name="horizon">The position from which on all invalidations are remembered.</param>
/// <param name="maxTags">The maximum number of remembered tags.</param>
internal sealed class TagPositions(long horizon, int maxTags)
{
    private const int CheckEvery = 64;

    private readonly Remembered _tags = new();
    private readonly Remembered _prefixes = new();
    private volatile int[] _prefixLengths = [];
    private long _horizon = horizon;

    /// <summary>Gets the number of remembered tags and patterns, which is at most about twice the maximum.</summary>
    public int Count => _tags.Positions.Count + _prefixes.Positions.Count;

    /// <summary>Gets the position before which answers are not valid.</summary>
    public long Horizon => Interlocked.Read(ref _horizon);

    /// <summary>Returns whether no tag was invalidated after a position.</summary>
    public bool AreValid(ReadOnlySpan<string> tags, long position)
    {
        foreach (var tag in tags)
        {
            if (_tags.Positions.TryGetValue(tag, out var invalidated) && invalidated > position)
                return false;
            if (_prefixLengths.Length > 0 && !IsPrefixValid(tag, position))
                return false;
        }
        return position >= Horizon; // Read last: the horizon rises before a tag is forgotten.
    }

    /// <summary>Records that a tag, or all tags of a pattern, were invalidated at a position.</summary>
    public void Invalidate(string pattern, long position)
    {
        if (!pattern.EndsWith('*'))
        {
            Remember(_tags, pattern, position);
            return;
        }
        var prefix = pattern[..^1];
        if (prefix.Length == 0)
        {
            InvalidateAll(position);
            return;
        }
        Remember(_prefixes, prefix, position);
        var lengths = _prefixLengths;
        if (!lengths.Contains(prefix.Length))
            _prefixLengths = [.. lengths, prefix.Length];
    }

    /// <summary>Records that all answers were invalidated at a position.</summary>
    public void InvalidateAll(long position)
    {
        if (position > Horizon)
            Interlocked.Exchange(ref _horizon, position);
    }

    private bool IsPrefixValid(string tag, long position)
    {
        var prefixes = _prefixes.Positions.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var length in _prefixLengths)
        {
            if (length <= tag.Length
                && prefixes.TryGetValue(tag.AsSpan(0, length), out var invalidated)
                && invalidated > position)
                return false;
        }
        return true;
    }

    /// <summary>
    /// Remembers an invalidation. If there are too many, forgets those of longest ago. Answers from before then are no
    /// longer valid.
    /// </summary>
    private void Remember(Remembered remembered, string tag, long position)
    {
        var tags = remembered.Positions;
        tags[tag] = position;
        if (++remembered.Changes % CheckEvery != 0 || tags.Count <= maxTags)
            return;
        var positions = tags.Values.ToArray();
        Array.Sort(positions);
        var forgotten = positions[positions.Length / 2];
        InvalidateAll(forgotten);
        foreach (var (known, invalidated) in tags)
        {
            if (invalidated <= forgotten)
                tags.TryRemove(known, out _);
        }
    }

    /// <summary>The positions by tag, or by the start of tags.</summary>
    private sealed class Remembered
    {
        public ConcurrentDictionary<string, long> Positions { get; } = new(StringComparer.Ordinal);

        /// <summary>Gets or sets the number of changes. Counting the tags at each of them would not be cheap.</summary>
        public int Changes { get; set; }
    }
}
