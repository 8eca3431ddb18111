using Millrace.Consuming.Partitions;
using Millrace.Storage;

namespace Millrace.Consuming.Retries;

/// <summary>
/// Final decisions that apply again when events are replayed, because a consumer was reset or its documents are
/// rebuilt: skipped events remain skipped, and corrected events are handled as corrected.
/// </summary>
internal sealed class DeadLetterResolutions
{
    private readonly Dictionary<(long Position, string Key), DeadLetter> _deadLetters = [];
    private readonly Dictionary<long, List<DeadLetter>> _ofPartitions = [];
    private readonly PartitionKeys _share;

    /// <summary>Creates the resolutions from dead letters with a decision.</summary>
    /// <param name="letters">The dead letters; of several with the same event and key the last one applies.</param>
    /// <param name="share">The keys for which decisions are looked up.</param>
    public DeadLetterResolutions(IEnumerable<DeadLetter> letters, PartitionKeys share = default)
    {
        _share = share;
        foreach (var letter in letters)
        {
            _deadLetters[(letter.Position, letter.Key)] = letter;
            if (letter.Key.Length == 0)
                Add(letter);
        }
    }

    public static DeadLetterResolutions None { get; } = new([]);

    public bool IsEmpty => _deadLetters.Count == 0;

    /// <summary>
    /// True when an event is not to be handled for a key, or not yet; an empty key means all keys. A decision to skip
    /// the whole event was made after decisions for single keys, and overrides them.
    /// </summary>
    public bool IsPassedOver(long position, string key) =>
        FindExactly(position, "") is { State: not DeadLetterState.Corrected }
        || FindExactly(position, key) is { State: not DeadLetterState.Corrected };

    /// <summary>Returns an event as it is to be handled for a key: corrected, or unchanged.</summary>
    public RecordedEvent Correct(RecordedEvent recorded, string key) =>
        Find(recorded.Position, key) is { State: DeadLetterState.Corrected, EditedPayload: { } payload }
            ? recorded.With(payload)
            : recorded;

    /// <summary>
    /// Returns the key for which an event was corrected to its current payload; null when there is none.
    /// </summary>
    public string? KeyOfCorrection(RecordedEvent corrected)
    {
        foreach (var letter in _deadLetters.Values)
        {
            if (letter.Position == corrected.Position
                && letter.EditedPayload?.Equals(corrected.Payload) == true)
                return letter.Key;
        }
        return null;
    }

    /// <summary>Returns the decision about an event for exactly this key.</summary>
    public DeadLetter? FindExactly(long position, string key) => key.Length > 0
        ? _deadLetters.GetValueOrDefault((position, key))
        : _ofPartitions.TryGetValue(position, out var all) ? OwnOf(all) : null;

    /// <summary>Adds a dead letter. Of one partition only the last decision, from a later build, applies.</summary>
    private void Add(DeadLetter letter)
    {
        if (!_ofPartitions.TryGetValue(letter.Position, out var all))
            _ofPartitions.Add(letter.Position, all = []);
        all.RemoveAll(other => other.Partition == letter.Partition);
        all.Add(letter);
    }

    /// <summary>
    /// Returns the decision for an event without a known key. Each partition has its own dead letter of it, which may
    /// have a different decision for the keys of that partition. A decision made before the consumer was partitioned
    /// belongs to partition 0 and applies to all. When all keys are asked for, a correction takes precedence over a
    /// skip, so that nothing is lost.
    /// </summary>
    private DeadLetter? OwnOf(List<DeadLetter> all)
    {
        if (_share.IsWhole)
            return all.Find(letter => letter.State == DeadLetterState.Corrected) ?? all[^1];
        if (all.Find(letter => letter.Partition == _share.Partition) is { } own)
            return own;
        // The number of partitions at that time, if it differs from the current one.
        var before = all.Max(letter => letter.Partition) + 1;
        return _share.Count % before == 0
            ? all.Find(letter => letter.Partition == _share.Partition % before)
            : null;
    }

    private DeadLetter? Find(long position, string key) => FindExactly(position, key) ?? FindExactly(position, "");
}
