using Microsoft.Extensions.Logging;
using Millrace.Consuming;
using Millrace.Events;
using Millrace.Storage;

namespace Millrace.Queries;

/// <summary>
/// Follows the log and records which tags its events invalidate. Each node follows the log itself, so that cached
/// answers are right without Redis.
/// </summary>
internal sealed partial class InvalidationFollower : IAsyncDisposable
{
    /// <summary>The maximum time between two checks of the end of the log at the storage.</summary>
    public static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(2);

    /// <summary>The age of the last check from which on answers are not taken from the cache.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(10);

    private const int MaxTags = 100_000;
    private const int BatchEvents = 1_000;

    // A node that starts also knows the recent invalidations, so it can use recent answers of the shared level.
    private const int HistoryEvents = 10_000;

    // Not all: an erasure has many events, and the last ones follow the change of the documents.
    private static readonly string[] PlatformTypes =
    [
        ErasureEvents.KeysDestroyed,
        ErasureEvents.KeysDestroyedAgain,
        ErasureEvents.CopiesRemoved,
        ErasureEvents.Confirmed,
        RetentionEvents.Removed,
        RetentionEvents.Erased,
        RetentionEvents.StreamRemoved,
    ];

    private readonly EventStore _store;
    private readonly ILogger _logger;
    private readonly ILookup<Type, Invalidation> _invalidations;
    private readonly SubscribedEvents _events;
    private readonly LogFeed _feed;
    private readonly CancellationTokenSource _stopping = new();
    private readonly QueryCacheMetrics _metrics;
    private readonly CurrentCollections _collections;
    private volatile FollowedLog? _state;
    private long _position;
    private long _lastRemoval;
    private long _ownRemovals;
    private long _checkedAt;
    private int _isDisposed;
    private bool _isReading;
    private Task _following = Task.CompletedTask;

    public InvalidationFollower(
        EventStore store,
        IReadOnlyList<Invalidation> invalidations,
        CurrentCollections collections,
        QueryCacheMetrics metrics,
        ILogger logger)
    {
        (_store, _collections, _metrics, _logger) = (store, collections, metrics, logger);
        _invalidations = invalidations.ToLookup(invalidation => invalidation.EventType);
        var names = StoredEventTypes.NamesOf(store.Types, [.. _invalidations.Select(group => group.Key)]);
        _events = new SubscribedEvents(store.Types, EventFilter.OfTypes([.. names, .. PlatformTypes]));
        _feed = new LogFeed(store, _events.Filter, new ConsumerOptions()) { MaxEvents = BatchEvents };
    }

    /// <summary>
    /// Gets what this node knows about invalidations; null if it is not known up to about the end of the log.
    /// </summary>
    public FollowedLog? Current =>
        _store.Time.GetElapsedTime(Interlocked.Read(ref _checkedAt)) < MaxAge ? _state : null;

    /// <summary>Reads the recent invalidations, and then follows the log.</summary>
    public async Task Start(CancellationToken cancellationToken)
    {
        _store.Tail.AddReader(_events.Filter.Types);
        _isReading = true;
        await Check(cancellationToken).ConfigureAwait(false);
        _following = Task.Run(() => Follow(_stopping.Token), CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _feed.End().ConfigureAwait(false);
        if (_isReading)
            _store.Tail.RemoveReader();
        _stopping.Dispose();
    }

    private async Task Follow(CancellationToken cancellationToken)
    {
        var isFailing = false;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await WaitForEvents(cancellationToken).ConfigureAwait(false);
                await Check(cancellationToken).ConfigureAwait(false);
                isFailing = false;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The loop must not stop: this node would never use its cache again.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                if (!isFailing)
                    Log.CannotFollow(_logger, MaxAge, exception);
                isFailing = true;
                await Task.Delay(MaxPause, _store.Time, cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task WaitForEvents(CancellationToken cancellationToken)
    {
        // A separate timer could still run after the source is disposed, and end the process.
        using var timeout = new CancellationTokenSource(MaxPause, _store.Time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            await _store.Tail.WaitBeyond(_position, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The log did not grow, as far as this node knows. The check asks the storage.
        }
    }

    /// <summary>Reads all events up to the end of the log.</summary>
    private async Task Check(CancellationToken cancellationToken)
    {
        var started = _store.Time.GetTimestamp();
        if (_store.Tail.Head.Position <= _position
            || _store.Time.GetElapsedTime(Interlocked.Read(ref _checkedAt)) >= MaxPause)
        {
            await _store.GetToken(cancellationToken).ConfigureAwait(false); // Also finds events of other nodes.
            await _store.ReadModels.Refresh(cancellationToken).ConfigureAwait(false);
            await ReadLastRemoval(cancellationToken).ConfigureAwait(false);
        }
        else
        {
            started = Interlocked.Read(ref _checkedAt);
        }
        var head = _store.Tail.Head;
        var state = _state;
        if (state is null || state.Epoch != head.Epoch)
        {
            _position = Math.Max(0, head.Position - (state is null ? HistoryEvents : 0));
            state = new FollowedLog(head.Epoch, new TagPositions(_position, MaxTags), await Identify(cancellationToken)
                .ConfigureAwait(false));
        }
        while (_position < head.Position)
        {
            var batch = await _feed.Read(_position, max: null, cancellationToken).ConfigureAwait(false);
            foreach (var recorded in batch.Events)
                Apply(state.Tags, recorded);
            if (batch.Through <= _position)
                break;
            _position = batch.Through;
        }
        if (state.Identity is null && head.Position > 0)
            state = state with { Identity = await Identify(cancellationToken).ConfigureAwait(false) };
        _state = state with
        {
            LastRemoval = _lastRemoval,
            OwnRemovals = _ownRemovals,
            Collections = _collections.In(_store.ReadModels),
        };
        Interlocked.Exchange(ref _checkedAt, started);
    }

    private async ValueTask ReadLastRemoval(CancellationToken cancellationToken)
    {
        var own = _store.Tail.OwnRemovals; // Before the read, so that a later removal is not taken for a known one.
        var page = await _store.Storage.Log.ReadRemovals(long.MaxValue, 1, cancellationToken).ConfigureAwait(false);
        (_lastRemoval, _ownRemovals) = (page.Next, own);
    }

    /// <summary>
    /// Returns the id of the oldest event, which differs between two logs; null for an empty log.
    /// </summary>
    private async ValueTask<string?> Identify(CancellationToken cancellationToken)
    {
        var page = await _store
            .ReadPage(new LogPageQuery(EventFilter.All, 1, IsBackwards: false, 1), cancellationToken)
            .ConfigureAwait(false);
        return page.Events.Count == 0 ? null : page.Events[0].Id.ToString("N");
    }

    private void Apply(TagPositions tags, RecordedEvent stored)
    {
        if (PlatformTypes.Contains(stored.Type, StringComparer.Ordinal))
        {
            tags.InvalidateAll(stored.Position);
            return;
        }
        try
        {
            foreach (var recorded in _events.Of([stored]))
            {
                StoredEventTypes.RequireReadable(recorded);
                foreach (var invalidation in _invalidations[recorded.Data.GetType()])
                {
                    foreach (var tag in invalidation.TagsOf(recorded.Data))
                        tags.Invalidate(tag, stored.Position);
                    _metrics.RecordInvalidation();
                }
            }
        }
#pragma warning disable CA1031 // The tags of this event are unknown, so all answers may be wrong.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            tags.InvalidateAll(stored.Position);
            Log.UnknownTags(_logger, stored.Type, stored.Position, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 8001, Level = LogLevel.Warning,
            Message = "Cannot follow the log. After {MaxAge}, queries do not use cached answers until this works.")]
        public static partial void CannotFollow(ILogger logger, TimeSpan maxAge, Exception exception);

        [LoggerMessage(
            EventId = 8002, Level = LogLevel.Error,
            Message = "The tags that the event {Type} at position {Position} invalidates cannot be determined. All "
                + "cached answers are invalidated. Correct the function passed to InvalidatedBy.")]
        public static partial void UnknownTags(ILogger logger, string type, long position, Exception exception);
    }
}
