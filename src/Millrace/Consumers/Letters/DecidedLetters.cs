using Millrace.Storage;

namespace Millrace;

/// <summary>
/// What was decided for good about events that come again, because their consumer was reset or its documents are built anew: those passed
/// over stay passed over, and those corrected are handled as corrected.
/// </summary>
internal sealed class DecidedLetters
{
    private readonly Dictionary<(long Position, string Key), DeadLetter> _letters = [];

    /// <summary>The letters that were decided about.</summary>
    public DecidedLetters(IEnumerable<DeadLetter> letters)
    {
        foreach (var letter in letters)
            _letters[(letter.Position, letter.Key)] = letter;
    }

    public static DecidedLetters None { get; } = new([]);

    public bool IsEmpty => _letters.Count == 0;

    /// <summary>
    /// Whether an event is not to be handled for a key, or not yet; an empty key stands for all. What passes the event over as a whole was
    /// decided after what was decided for a key: nothing follows it.
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
        foreach (var letter in _letters.Values)
        {
            if (letter.Position == corrected.Position && letter.EditedPayload?.Equals(corrected.Payload) == true)
                return letter.Key;
        }
        return null;
    }

    /// <summary>What was decided about an event for this very key.</summary>
    public DeadLetter? FindExactly(long position, string key) => _letters.GetValueOrDefault((position, key));

    private DeadLetter? Find(long position, string key) => FindExactly(position, key) ?? FindExactly(position, "");
}
