using System.Security.Cryptography;
using System.Text;

namespace Millrace;

/// <summary>A consumer's work that handles each event for one key, and as a whole.</summary>
internal abstract class KeyedEventProcessor : ConsumerProcessor
{
    private const int MaxKeyCharacters = 512;
    private const int MaxKeptKeyCharacters = 400;
    private const int MaxMoves = 8;

    /// <summary>The keys that are its own.</summary>
    protected PartitionKeys Share { get; init; }

    public override IReadOnlyList<string> KeysOf(RecordedEvent recorded) => [TryKeyOf(recorded)];

    /// <summary>Whether an event is of one of its keys, or of a key that nobody knows: that one is
    /// everybody's.</summary>
    protected bool IsOwn(RecordedEvent recorded) =>
        Share.IsWhole || (TryKeyOf(recorded) is var key && (key.Length == 0 || Share.Owns(key)));

    /// <summary>The key within which order is kept; what it throws is the event's failure.</summary>
    protected abstract string KeyOf(RecordedEvent recorded);

    /// <summary>The key, within the limits of what is stored.</summary>
    protected string BoundedKeyOf(RecordedEvent recorded)
    {
        var key = KeyOf(recorded);
        if (key.Length <= MaxKeyCharacters)
            return key;
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(key));
        return string.Concat(key.AsSpan(0, MaxKeptKeyCharacters), "…", Convert.ToHexStringLower(digest));
    }

    /// <summary>The key; empty when it cannot be known.</summary>
    protected string TryKeyOf(RecordedEvent recorded)
    {
        try
        {
            return BoundedKeyOf(recorded);
        }
#pragma warning disable CA1031 // The application's own code: whatever it throws is told where the event is handled.
        catch (Exception)
#pragma warning restore CA1031
        {
            return "";
        }
    }

    /// <summary>Leaves out what has to wait or was passed over; the events as they are when no letter is
    /// open.</summary>
    /// <exception cref="EventFailedException">No more may wait.</exception>
    protected IReadOnlyList<RecordedEvent> SelectUnblocked(IReadOnlyList<RecordedEvent> events, BlockedKeys lines)
    {
        if (lines.IsEmpty)
            return events;
        var kept = new List<RecordedEvent>(events.Count);
        for (var i = 0; i < events.Count; i++)
        {
            if (Admit(events[i], lines) is { } admitted)
                kept.Add(admitted);
        }
        return kept;
    }

    /// <summary>The event as it is to be handled; null when it has to wait, has failed before, or was passed over by
    /// decision.</summary>
    /// <exception cref="EventFailedException">No more may wait.</exception>
    protected RecordedEvent? Admit(RecordedEvent recorded, BlockedKeys lines)
    {
        var key = TryKeyOf(recorded);
        if (!lines.Decided.IsEmpty && !FollowDecisions(lines.Decided, ref recorded, ref key))
            return null;
        if (!Share.IsWhole && key.Length > 0 && recorded.Data is not EventParts && !Share.Owns(key))
            return null; // Another partition's, also when this one would hold its stream.
        var position = recorded.Position;
        var held =
            lines.Holds(recorded.Stream, position) ? ""
            : key.Length > 0 && lines.Holds(key, position) ? key
            : null;
        if (held is null)
            return recorded;
        if (lines.Wait(recorded, held) is { } refusal)
            throw new EventFailedException(recorded, refusal, isRestDone: false);
        return null;
    }

    /// <summary>
    /// Brings an event and its key to what was decided; false when it is passed over. One that was moved to another key
    /// may have been decided about there again.
    /// </summary>
    private bool FollowDecisions(DeadLetterResolutions decided, ref RecordedEvent recorded, ref string key)
    {
        for (var moves = 0; ; moves++)
        {
            if (decided.IsPassedOver(recorded.Position, key))
                return false;
            var corrected = decided.Correct(recorded, key);
            if (ReferenceEquals(corrected, recorded))
                return true;
            recorded = corrected;
            if (recorded.Data is EventParts)
                return true; // Its parts have keys of their own.
            var before = key;
            key = TryKeyOf(recorded);
            if (key == before || moves == MaxMoves || decided.FindExactly(recorded.Position, key) is null)
                return true;
        }
    }

    /// <summary>
    /// Takes a failed event out of the batch. One whose key cannot be known as it was corrected goes on as the letter
    /// that it was. Returns why it cannot be taken out, and the consumer has to stop.
    /// </summary>
    protected static Exception? TryFail(RecordedEvent recorded, string key, Exception exception, BlockedKeys lines)
    {
        var known = key.Length == 0 && recorded.IsCorrected ? lines.Decided.KeyOfCorrection(recorded) : null;
        return lines.Fail(recorded, known ?? key, exception);
    }

    /// <summary>Takes a failed event out of the batch.</summary>
    /// <exception cref="EventFailedException">It cannot be taken out, and the consumer has to stop.</exception>
    protected static void Fail(RecordedEvent recorded, string key, Exception exception, BlockedKeys lines)
    {
        if (TryFail(recorded, key, exception, lines) is { } refusal)
            throw new EventFailedException(recorded, refusal, isRestDone: false);
    }
}
