using Millrace.Storage;

namespace Millrace;

/// <summary>
/// What was decided for good about events that come again, because their consumer was reset or its documents are built
/// anew: those passed over stay passed over, and those corrected are handled as corrected.
/// </summary>
internal sealed class DeadLetterResolutions
{
    private readonly Dictionary<(long Position, string Key), DeadLetter> _deadLetters = [];
    private readonly Dictionary<long, List<DeadLetter>> _ofPartitions = [];
    private readonly PartitionKeys _share;

    /// <summary>The letters that were decided about.</summary>
    /// <param name="letters">The letters; of those of one event and key the last holds.</param>
    /// <param name="share">The keys for which they are asked about.</param>
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
    /// Whether an event is not to be handled for a key, or not yet; an empty key stands for all. What passes the event
    /// over as a whole was decided after what was decided for a key: nothing follows it.
    /// </summary>
    public bool IsPassedOver(long position, string key) =>
        FindExactly(position, "") is { State: not DeadLetterState.Corrected }
        || FindExactly(position, key) is { State: not DeadLetterState.Corrected };

    /// <summary>An event as it is to be handled for a key: as corrected, or as it is.</summary>
    public RecordedEvent Correct(RecordedEvent recorded, string key) =>
        Find(recorded.Position, key) is { State: DeadLetterState.Corrected, EditedPayload: { } payload }
            ? recorded.With(payload)
            : recorded;

    /// <summary>The key for which an event was corrected to what it is now; null when none was.</summary>
    public string? KeyOfCorrection(RecordedEvent corrected)
    {
        foreach (var letter in _deadLetters.Values)
        {
            if (letter.Position == corrected.Position && letter.EditedPayload?.Equals(corrected.Payload) == true)
                return letter.Key;
        }
        return null;
    }

    /// <summary>What was decided about an event for this very key.</summary>
    public DeadLetter? FindExactly(long position, string key) => key.Length > 0
        ? _deadLetters.GetValueOrDefault((position, key))
        : _ofPartitions.TryGetValue(position, out var several) ? OwnOf(several) : null;

    /// <summary>Of one partition the last decision holds, that of a later build.</summary>
    private void Add(DeadLetter letter)
    {
        if (!_ofPartitions.TryGetValue(letter.Position, out var several))
            _ofPartitions.Add(letter.Position, several = []);
        several.RemoveAll(other => other.Partition == letter.Partition);
        several.Add(letter);
    }

    /// <summary>
    /// Of an event without a known key each partition has a letter, and somebody may have decided otherwise about each:
    /// about its own keys. What was decided before the consumer was divided is of partition 0, and holds for all. Where
    /// all keys are asked about, what was handled as corrected comes before what was passed over, so that nothing is
    /// lost.
    /// </summary>
    private DeadLetter? OwnOf(List<DeadLetter> several)
    {
        if (_share.IsWhole)
            return several.Find(letter => letter.State == DeadLetterState.Corrected) ?? several[^1];
        if (several.Find(letter => letter.Partition == _share.Partition) is { } own)
            return own;
        // Into so many it was divided then, if into others than now.
        var before = several.Max(letter => letter.Partition) + 1;
        return _share.Count % before == 0
            ? several.Find(letter => letter.Partition == _share.Partition % before)
            : null;
    }

    private DeadLetter? Find(long position, string key) => FindExactly(position, key) ?? FindExactly(position, "");
}
