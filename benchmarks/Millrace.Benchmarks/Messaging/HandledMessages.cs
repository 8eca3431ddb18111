using Millrace.Messaging;

namespace Millrace.Benchmarks.Messaging;

/// <summary>Messages that a handler was called with; tells when the last of them are noted in the inbox, by which all
/// before are.</summary>
/// <param name="receiver">The receiver.</param>
/// <param name="expected">How many come.</param>
/// <param name="inHand">How many may be handled and not committed.</param>
/// <param name="begin">Called with the first. Handlers that need not wait are called one after the other.</param>
internal sealed class HandledMessages(string receiver, int expected, int inHand, Action begin)
{
    private readonly Message[] _last = new Message[Math.Min(inHand, expected)];
    private int _places;
    private int _count;
    private int _committed; // Of the last.

    /// <summary>How many were handled.</summary>
    private int Count => Volatile.Read(ref _count);

    /// <summary>Notes one.</summary>
    public void Add(Message message)
    {
        if (Count == 0)
            begin();
        _last[(Interlocked.Increment(ref _places) - 1) % _last.Length] = message;
        Interlocked.Increment(ref _count); // Behind the message, which is there for who sees this.
    }

    /// <summary>Whether all that come are committed.</summary>
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
