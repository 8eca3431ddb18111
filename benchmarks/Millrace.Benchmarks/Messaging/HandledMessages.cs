using Millrace.Messaging;
using Millrace.Messaging.Receiving;

namespace Millrace.Benchmarks.Messaging;

/// <summary>Counts handled messages, and detects when the last of them are recorded in the inbox, which implies all
/// earlier ones.</summary>
/// <param name="receiver">The receiver.</param>
/// <param name="expected">The number of expected messages.</param>
/// <param name="inHand">The maximum number of messages that are handled but not committed.</param>
/// <param name="onFirst">Called with the first message. Synchronous handlers run sequentially.</param>
internal sealed class HandledMessages(string receiver, int expected, int inHand, Action onFirst)
{
    private readonly Message[] _last = new Message[Math.Min(inHand, expected)];
    private int _places;
    private int _count;
    private int _committed; // The number of recorded messages among the last ones.

    /// <summary>The number of handled messages.</summary>
    private int Count => Volatile.Read(ref _count);

    /// <summary>Records a handled message.</summary>
    public void Add(Message message)
    {
        if (Count == 0)
            onFirst();
        _last[(Interlocked.Increment(ref _places) - 1) % _last.Length] = message;
        Interlocked.Increment(ref _count); // After the message, which is visible to a reader of the count.
    }

    /// <summary>Returns true when all expected messages are committed.</summary>
    public async Task<bool> AreCommitted(EventStore store, CancellationToken cancellationToken)
    {
        if (Count < expected)
            return false;
        for (; _committed < _last.Length; _committed++)
        {
            var note = new InboxId(receiver, _last[_committed]).ToNote();
            if (await store.Storage.Log.FindHandled(MessageInbox.ConsumerOf(receiver), note, cancellationToken) is null)
                return false;
        }
        return true;
    }
}
