using Millrace.Messaging;
using Millrace.Messaging.Receiving;

namespace Millrace.Benchmarks.Messaging;

/// <summary>
/// Counts handled messages and detects when all are committed. The messages are committed in order, so only the last
/// messages are searched in the inbox.
/// </summary>
/// <param name="receiver">The name of the receiver.</param>
/// <param name="expected">The number of expected messages.</param>
/// <param name="inHand">The maximum number of messages that are handled but not committed.</param>
/// <param name="onFirst">Called before the first message is counted. Synchronous handlers run sequentially.</param>
internal sealed class HandledMessages(string receiver, int expected, int inHand, Action onFirst)
{
    private readonly Message[] _last = new Message[Math.Min(inHand, expected)];
    private int _added;
    private int _count;
    private int _committed; // The number of messages in _last that are committed.

    /// <summary>Gets the number of handled messages.</summary>
    private int Count => Volatile.Read(ref _count);

    /// <summary>Adds a handled message.</summary>
    public void Add(Message message)
    {
        if (Count == 0)
            onFirst();
        _last[(Interlocked.Increment(ref _added) - 1) % _last.Length] = message;
        Interlocked.Increment(ref _count); // Incremented last, so that a reader of the count also sees the message.
    }

    /// <summary>Returns whether all expected messages are committed.</summary>
    public async Task<bool> AreCommitted(EventStore store, CancellationToken cancellationToken)
    {
        if (Count < expected)
            return false;
        for (; _committed < _last.Length; _committed++)
        {
            var id = new InboxId(receiver, _last[_committed]).ToHandledId();
            if (await store.Storage.Log.FindHandled(MessageInbox.ConsumerOf(receiver), id, cancellationToken) is null)
                return false;
        }
        return true;
    }
}
