using System.Collections.Concurrent;
using Millrace.Events;
using Millrace.Storage;

namespace Millrace.Messaging.Receiving;

/// <summary>
/// The keys that have a held message. A held message is stored in the log, because no handler has succeeded yet. The
/// receiver also holds later messages of such a key, so that their order is preserved.
/// </summary>
internal sealed class HeldMessageKeys(MessageInbox inbox, EventStore store, ConsumerOptions options, string prefix)
{
    private const int PageEvents = 1_000;

    private readonly ConcurrentDictionary<StreamId, long> _lastPositions = new();
    private readonly EventFilter _filter = new() { Types = [PlatformEvents.MessageHeld], StreamPrefix = prefix };
    private long _nextPosition = 1; // All held messages before this position are known.
    private long _releasedAt;

    public bool IsEmpty => _lastPositions.IsEmpty;

    public bool Holds(StreamId stream) => _lastPositions.ContainsKey(stream);

    public void Add(StreamId stream, long position) =>
        _lastPositions.AddOrUpdate(stream, position, (_, before) => Math.Max(before, position));

    /// <summary>Loads the keys of the messages that all nodes hold, from the store.</summary>
    public async ValueTask Load(CancellationToken cancellationToken)
    {
        _nextPosition = await Checkpoint(cancellationToken).ConfigureAwait(false) + 1;
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
    /// Adds the keys of messages that any node has held since the last call, because another node may have held an
    /// earlier message of a key. Queries the storage, because the node's cached log may not contain the last commits of
    /// other nodes.
    /// </summary>
    public async ValueTask Refresh(CancellationToken cancellationToken)
    {
        while (true)
        {
            var query = new LogPageQuery(_filter, _nextPosition, IsBackwards: false, PageEvents) { IsBrief = true };
            var page = await store.Storage.Log.ReadLog(query, cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < page.Events.Count; i++)
                Add(page.Events[i].Stream, page.Events[i].Position);
            _nextPosition = page.Next;
            if (page.IsEnd)
                return;
        }
    }

    /// <summary>
    /// Removes the keys whose messages are all handled. Reads the store at most once per
    /// <see cref="ConsumerOptions.LookEvery"/>.
    /// </summary>
    public async ValueTask Release(CancellationToken cancellationToken)
    {
        if (_lastPositions.IsEmpty || store.Time.GetElapsedTime(_releasedAt) < options.LookEvery)
            return;
        _releasedAt = store.Time.GetTimestamp();
        var checkpoint = await Checkpoint(cancellationToken).ConfigureAwait(false);
        foreach (var (stream, position) in _lastPositions)
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
                _lastPositions.TryRemove(new KeyValuePair<StreamId, long>(stream, position));
        }
    }

    /// <summary>Returns the lowest checkpoint of the consumer's partitions.</summary>
    private async ValueTask<long> Checkpoint(CancellationToken cancellationToken)
    {
        long? lowest = null;
        foreach (var record in await store.Storage.Leases.List(cancellationToken).ConfigureAwait(false))
        {
            if (record.Consumer == inbox.Consumer)
                lowest = Math.Min(lowest ?? long.MaxValue, record.Checkpoint ?? 0);
        }
        return lowest ?? 0;
    }
}
