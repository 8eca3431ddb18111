using System.Security.Cryptography;
using System.Text;
using Millrace.Consuming.Partitions;
using Millrace.Consuming.Retries;

namespace Millrace.Consuming;

/// <summary>A processor for consumers whose events each have one key, which determines their order.</summary>
internal abstract class KeyedEventProcessor : ConsumerProcessor
{
    private const int MaxKeyCharacters = 512;
    private const int MaxKeptKeyCharacters = 400;
    private const int MaxMoves = 8;

    /// <summary>Gets the keys of this partition.</summary>
    protected PartitionKeys Share { get; init; }

    public override IReadOnlyList<string> KeysOf(RecordedEvent recorded) => [TryKeyOf(recorded)];

    /// <summary>
    /// Returns true when the key of an event belongs to this partition. An event whose key is unknown belongs to every
    /// partition.
    /// </summary>
    protected bool IsOwn(RecordedEvent recorded) =>
        Share.IsWhole || (TryKeyOf(recorded) is var key && (key.Length == 0 || Share.Owns(key)));

    /// <summary>
    /// Returns the key of an event. The events of a key are handled in order. An exception is treated as a failure of
    /// the event.
    /// </summary>
    protected abstract string KeyOf(RecordedEvent recorded);

    /// <summary>Returns the key, shortened to the maximum length that is stored.</summary>
    protected string BoundedKeyOf(RecordedEvent recorded)
    {
        var key = KeyOf(recorded);
        if (key.Length <= MaxKeyCharacters)
            return key;
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(key));
        return string.Concat(key.AsSpan(0, MaxKeptKeyCharacters), "…", Convert.ToHexStringLower(digest));
    }

    /// <summary>Returns the key, or an empty text if it cannot be determined.</summary>
    protected string TryKeyOf(RecordedEvent recorded)
    {
        try
        {
            return BoundedKeyOf(recorded);
        }
#pragma warning disable CA1031 // Application code: the exception is reported when the event is handled.
        catch (Exception)
#pragma warning restore CA1031
        {
            return "";
        }
    }

    /// <summary>
    /// Returns the events without those that have to wait or are skipped. Returns the same list when no dead letter is
    /// open.
    /// </summary>
    /// <exception cref="EventFailedException">The maximum number of waiting events is reached.</exception>
    protected IReadOnlyList<RecordedEvent> SelectUnblocked(IReadOnlyList<RecordedEvent> events, BlockedKeys blockedKeys)
    {
        if (blockedKeys.IsEmpty)
            return events;
        var kept = new List<RecordedEvent>(events.Count);
        for (var i = 0; i < events.Count; i++)
        {
            if (Admit(events[i], blockedKeys) is { } admitted)
                kept.Add(admitted);
        }
        return kept;
    }

    /// <summary>
    /// Returns the event as it is to be handled; null when it has to wait, has failed before, or is skipped by a
    /// decision.
    /// </summary>
    /// <exception cref="EventFailedException">The maximum number of waiting events is reached.</exception>
    protected RecordedEvent? Admit(RecordedEvent recorded, BlockedKeys blockedKeys)
    {
        var key = TryKeyOf(recorded);
        if (!blockedKeys.Decided.IsEmpty && !FollowDecisions(blockedKeys.Decided, ref recorded, ref key))
            return null;
        if (!Share.IsWhole && key.Length > 0 && recorded.Data is not EventParts && !Share.Owns(key))
            return null; // The event belongs to another partition, even if its stream is blocked here.
        var position = recorded.Position;
        var blockingKey =
            blockedKeys.IsBlocked(recorded.Stream, position) ? ""
            : key.Length > 0 && blockedKeys.IsBlocked(key, position) ? key
            : null;
        if (blockingKey is null)
            return recorded;
        if (blockedKeys.Wait(recorded, blockingKey) is { } refusal)
            throw new EventFailedException(recorded, refusal, areEarlierDone: false);
        return null;
    }

    /// <summary>
    /// Applies decisions to an event and its key. Returns false when the event is skipped. An event that was moved to
    /// another key may have a decision for that key too.
    /// </summary>
    private bool FollowDecisions(DeadLetterResolutions decided, ref RecordedEvent recorded, ref string key)
    {
        for (var moves = 0; ; moves++)
        {
            if (decided.IsExcluded(recorded.Position, key))
                return false;
            var corrected = decided.Correct(recorded, key);
            if (ReferenceEquals(corrected, recorded))
                return true;
            recorded = corrected;
            if (recorded.Data is EventParts)
                return true; // Its parts have their own keys.
            var previousKey = key;
            key = TryKeyOf(recorded);
            if (key == previousKey || moves == MaxMoves || decided.FindExactly(recorded.Position, key) is null)
                return true;
        }
    }

    /// <summary>
    /// Takes a failed event out of the batch. An event whose key cannot be determined after a correction keeps the key
    /// of its dead letter. Returns the reason when the event cannot be taken out and the consumer has to stop.
    /// </summary>
    protected static Exception? TryFail(
        RecordedEvent recorded, string key, Exception exception, BlockedKeys blockedKeys)
    {
        var correctedKey =
            key.Length == 0 && recorded.IsCorrected ? blockedKeys.Decided.KeyOfCorrection(recorded) : null;
        return blockedKeys.Fail(recorded, correctedKey ?? key, exception);
    }

    /// <summary>Takes a failed event out of the batch.</summary>
    /// <exception cref="EventFailedException">The event cannot be taken out, and the consumer has to stop.</exception>
    protected static void Fail(RecordedEvent recorded, string key, Exception exception, BlockedKeys blockedKeys)
    {
        if (TryFail(recorded, key, exception, blockedKeys) is { } refusal)
            throw new EventFailedException(recorded, refusal, areEarlierDone: false);
    }
}
