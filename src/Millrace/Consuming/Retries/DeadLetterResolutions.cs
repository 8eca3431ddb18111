using Millrace.Consuming.Partitions;
using Millrace.Storage;

namespace Millrace.Consuming.Retries;

/// <summary>
/// The final decisions that apply again when events are replayed. Skipped events are skipped again, and corrected
/// events are handled with their correction. A replay happens after a consumer is reset or while its documents are
/// rebuilt.
/// </summary>
internal sealed class DeadLetterResolutions
{
    private readonly Dictionary<(long Position, string Key), DeadLetter> _deadLetters = [];
    private readonly Dictionary<long, List<DeadLetter>> _withoutKey = [];
    private readonly PartitionKeys _share;

    /// <summary>Creates the resolutions from dead letters with a decision.</summary>
    /// <param name="letters">The dead letters. If several have the same event and key, the last one applies.</param>
    /// <param name="share">The keys of the partition that uses the decisions.</param>
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
    /// Returns true if a decision excludes an event for a key, or if the event must still wait. An empty key means all
    /// keys. A decision to skip the whole event overrides the decisions for single keys, because it was made later.
    /// </summary>
    public bool IsExcluded(long position, string key) =>
        FindExactly(position, "") is { State: not DeadLetterState.Corrected }
        || FindExactly(position, key) is { State: not DeadLetterState.Corrected };

    /// <summary>Returns the event to handle for a key: the corrected event, or the unchanged event.</summary>
    public RecordedEvent Correct(RecordedEvent recorded, string key) =>
        Find(recorded.Position, key) is { State: DeadLetterState.Corrected, EditedPayload: { } payload }
            ? recorded.With(payload)
            : recorded;

    /// <summary>
    /// Returns the key for which an event was corrected to its current payload, or null if there is none.
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
        : _withoutKey.TryGetValue(position, out var all) ? SelectOwn(all) : null;

    /// <summary>
    /// Adds a dead letter without a key. Of each partition, only the last decision applies, because a later build wrote
    /// it.
    /// </summary>
    private void Add(DeadLetter letter)
    {
        if (!_withoutKey.TryGetValue(letter.Position, out var all))
            _withoutKey.Add(letter.Position, all = []);
        all.RemoveAll(other => other.Partition == letter.Partition);
        all.Add(letter);
    }

    /// <summary>
    /// Returns the decision for an event without a known key. Each partition has its own dead letter for the event, so
    /// decisions can differ. A decision from before the consumer was partitioned belongs to partition 0 and applies to
    /// all partitions. For all keys, a correction takes precedence over a skip, so that nothing is lost.
    /// </summary>
    private DeadLetter? SelectOwn(List<DeadLetter> all)
    {
        if (_share.IsWhole)
            return all.Find(letter => letter.State == DeadLetterState.Corrected) ?? all[^1];
        if (all.Find(letter => letter.Partition == _share.Partition) is { } ownDecision)
            return ownDecision;
        // The number of partitions when the decisions were made. It can differ from the current number.
        var earlierCount = all.Max(letter => letter.Partition) + 1;
        return _share.Count % earlierCount == 0
            ? all.Find(letter => letter.Partition == _share.Partition % earlierCount)
            : null;
    }

    private DeadLetter? Find(long position, string key) => FindExactly(position, key) ?? FindExactly(position, "");
}
