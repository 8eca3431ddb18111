using System.Collections.Concurrent;
using Millrace.Storage;

namespace Millrace.Messaging;

/// <summary>
/// The keys of a receiver with messages that are held in the log and not handled yet. Later messages of these keys are
/// held behind them, so that the order is preserved.
/// </summary>
internal sealed class HeldMessageKeys(MessageInbox inbox, EventStore store, ConsumerOptions options, string prefix)
{
    private const int PageEvents = 1_000;

    private readonly ConcurrentDictionary<StreamId, long> _last = new();
    private readonly EventFilter _filter = new() { Types = [PlatformEvents.MessageHeld], StreamPrefix = prefix };
    private long _next = 1; // All held messages before this position are known.
    private long _readAt;

    public bool IsEmpty => _last.IsEmpty;

    public bool Holds(StreamId stream) => _last.ContainsKey(stream);

    public void Add(StreamId stream, long position) =>
        _last.AddOrUpdate(stream, position, (_, before) => Math.Max(before, position));

    /// <summary>Loads the keys that any node holds in the store.</summary>
    public async ValueTask Load(CancellationToken cancellationToken)
    {
        _next = await Checkpoint(cancellationToken).ConfigureAwait(false) + 1;
        await Refresh(cancellationToken).ConfigureAwait(false);
        var query = new DeadLetterQuery
        {
            Consumer = inbox.Consumer,
            States = DeadLetter.OpenStates,
            IsBrief = true,
            Limit = 1_000,
        };
        while (true)
        {
            var letters = await store.Storage.DeadLetters.List(query, cancellationToken).ConfigureAwait(false);
            foreach (var letter in letters)
                Add(letter.Stream, letter.Position);
            if (letters.Count < query.Limit)
                return;
            query = query with { After = letters[^1].Id };
        }
    }

    /// <summary>
    /// Reads the keys that any node has held since. It queries the storage, because this node's view of the log may be
    /// older than a commit of the node that received the previous message of the key.
    /// </summary>
    public async ValueTask Refresh(CancellationToken cancellationToken)
    {
        while (true)
        {
            var query = new LogPageQuery(_filter, _next, IsBackwards: false, PageEvents) { IsBrief = true };
            var page = await store.Storage.Log.ReadLog(query, cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < page.Events.Count; i++)
                Add(page.Events[i].Stream, page.Events[i].Position);
            _next = page.Next;
            if (page.IsEnd)
                return;
        }
    }

    /// <summary>
    /// Removes the keys whose messages are all handled. It reads the store at most once per poll interval.
    /// </summary>
    public async ValueTask Release(CancellationToken cancellationToken)
    {
        if (_last.IsEmpty || store.Time.GetElapsedTime(_readAt) < options.LookEvery)
            return;
        _readAt = store.Time.GetTimestamp();
        var checkpoint = await Checkpoint(cancellationToken).ConfigureAwait(false);
        foreach (var (stream, position) in _last)
        {
            if (position > checkpoint)
                continue;
            var open = new DeadLetterQuery
            {
                Consumer = inbox.Consumer,
                States = DeadLetter.OpenStates,
                Stream = stream,
            };
            if (await store.Storage.DeadLetters.Count(open, cancellationToken).ConfigureAwait(false) == 0)
                _last.TryRemove(new KeyValuePair<StreamId, long>(stream, position));
        }
    }

    private async ValueTask<long> Checkpoint(CancellationToken cancellationToken)
    {
        long? least = null;
        foreach (var record in await store.Storage.Leases.List(cancellationToken).ConfigureAwait(false))
        {
            if (record.Consumer == inbox.Consumer)
                least = Math.Min(least ?? long.MaxValue, record.Checkpoint ?? 0);
        }
        return least ?? 0;
    }
}
