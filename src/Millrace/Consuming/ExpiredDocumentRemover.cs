using Millrace.Consuming.Retries;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Consuming;

/// <summary>
/// Removes expired documents under the lease of the consumer that writes them. A document is removed only when all
/// events that were recorded before its expiry are folded into it: one of them could move the expiry.
/// </summary>
internal sealed class ExpiredDocumentRemover(
    Consumer consumer,
    ConsumerServices services,
    ConsumerCheckpoint checkpoint,
    BlockedKeys blockedKeys,
    CancellationToken abort)
{
    /// <summary>
    /// The time between the expiry and the removal, if no later event is recorded. It is longer than a commit that has
    /// taken its time and is not visible yet.
    /// </summary>
    internal static readonly TimeSpan Margin = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The time without events after which an import has ended. It records events with earlier times, so that the clock
    /// does not show which events are still to come.
    /// </summary>
    internal static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan BlockedPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MaxFailurePause = TimeSpan.FromMinutes(5);

    private readonly ConsumerProcessor _processor = consumer.Processor;
    private readonly StoreClock _clock = new(() => services.Store.Storage, services.Time);
    private DateTimeOffset _pausedUntil = DateTimeOffset.MinValue;
    private DateTimeOffset _movedAt = services.Time.GetUtcNow();
    private IReadOnlyList<DocumentChange> _found = [];
    private int _failures;
    private LogHead _seen; // The end of the log at the last search.
    private (long From, long Until) _foreign; // The log has no events of the tenant between these positions.
    private bool _isBehind;

    /// <summary>Gets the time of the next search; null if no document expires.</summary>
    public DateTimeOffset? NextDue
    {
        get
        {
            if (_processor.Expiring?.Next is not { } next)
                return null;
            var due = next < DateTimeOffset.MaxValue - Margin ? next + Margin : next;
            return due > _pausedUntil ? due : _pausedUntil;
        }
    }

    /// <summary>Gets whether documents are due to be removed.</summary>
    public bool IsDue => NextDue is { } due && due <= services.Time.GetUtcNow();

    /// <summary>Records that the consumer has reached further events.</summary>
    public void Moved()
    {
        if (_processor.Expiring is not null)
            _movedAt = services.Time.GetUtcNow();
    }

    /// <summary>Finds a page of documents to remove. Returns false if there are none.</summary>
    /// <param name="handled">The position of the last handled event, which may be uncommitted.</param>
    public async ValueTask<bool> Find(long handled)
    {
        var hasFound = await Search(handled).ConfigureAwait(false);
        // A consumer that is behind searches again when it has reached the end of the log.
        var documents = _processor.Expiring!; // Not null when a removal is due.
        consumer.HasRemovedExpired =
            !hasFound && documents.SearchesUntil is null && !(_isBehind && documents.Next is not null);
        return hasFound;
    }

    private async ValueTask<bool> Search(long handled)
    {
        var documents = _processor.Expiring!; // Not null when a removal is due.
        _found = [];
        if (blockedKeys.HasBlockedStreams)
        {
            _isBehind = false;
            documents.SearchAgain();
            return Pause(BlockedPause); // Any document may lack the event with unknown keys.
        }
        try
        {
            var limit = documents.SearchesUntil ?? await FindLimit(handled).ConfigureAwait(false);
            if (documents.SearchesUntil is null && documents.Next > limit)
                return Pause(Margin);
            _found = await documents
                .Find(limit, checkpoint.Position, key => blockedKeys.IsBlocked(key, long.MaxValue), abort)
                .ConfigureAwait(false);
        }
        catch (Exception exception) when (MayContinueAfter(exception))
        {
            return Postpone(exception);
        }
        if (documents.SearchesUntil is null)
            Pause(Margin); // Full pages follow each other without a pause.
        return _found.Count > 0;
    }

    /// <summary>Removes the documents that were found. All handled events must be committed.</summary>
    /// <returns>True if documents were removed.</returns>
    public async ValueTask<bool> Remove()
    {
        try
        {
            await checkpoint.Commit(new ConsumerEffects(_found, []), checkpoint.Position, []).ConfigureAwait(false);
        }
        catch (DocumentConflictException)
        {
            // An append wrote one of the documents of an inline projection, or the last commit wrote one.
            _processor.Expiring!.SearchAgain(); // Not null, because documents were found.
            return Pause(Margin);
        }
        catch (Exception exception) when (MayContinueAfter(exception))
        {
            consumer.HasRemovedExpired = true; // A visit of a tenant does not wait for what fails.
            return Postpone(exception);
        }
        _failures = 0;
        services.Metrics.Expired(consumer.Name, _found.Count);
        return true;
    }

    /// <summary>
    /// Returns the time until which all recorded events are handled. Events are recorded in the order of their times,
    /// so this is the time of the last handled event. If there is no later event, it is the current time, less the time
    /// by which the last event was recorded in the past.
    /// </summary>
    private async ValueTask<DateTimeOffset> FindLimit(long handled)
    {
        var node = services.Time.GetUtcNow(); // Read before the head: later events have later times.
        var storage = await _clock.Now(abort).ConfigureAwait(false);
        var now = storage < node ? storage : node; // A clock that is ahead removes nothing early.
        var head = await services.Store.Storage.Log.GetHead(abort).ConfigureAwait(false);
        _isBehind = await IsBehind(handled, head).ConfigureAwait(false);
        if (head.Position > handled && head != _seen)
            _movedAt = node; // Events of other tenants, which the consumer does not handle, also show an import.
        _seen = head;
        var reached = _isBehind ? handled : Math.Max(handled, head.Position);
        var recorded = await EventTimes.FindInLog(services.Store, reached, abort).ConfigureAwait(false)
            ?? DateTimeOffset.MinValue;
        if (_isBehind)
            return recorded;
        var movedAt = services.Quiet is { } quiet && quiet.Head == head && quiet.Since < _movedAt
            ? quiet.Since
            : _movedAt;
        var delay = recorded < movedAt && node - movedAt < Quiet ? movedAt - recorded : TimeSpan.Zero;
        var ticks = now.UtcTicks - delay.Ticks - Margin.Ticks;
        return ticks > recorded.UtcTicks ? new DateTimeOffset(ticks, TimeSpan.Zero) : recorded;
    }

    /// <summary>Returns whether events of the consumer's store or tenant follow the handled ones.</summary>
    private async ValueTask<bool> IsBehind(long handled, LogHead head)
    {
        if (head.Epoch != _seen.Epoch || handled < _foreign.From || handled > _foreign.Until)
            _foreign = (handled, handled);
        if (_foreign.Until < head.Position
            && await EventTimes.HasOwnBetween(services.Store, _foreign.Until, head.Position, abort)
                .ConfigureAwait(false))
            return true;
        _foreign.Until = Math.Max(_foreign.Until, head.Position);
        return false;
    }

    /// <summary>Returns whether a failed removal leaves the consumer able to handle events.</summary>
    private bool MayContinueAfter(Exception exception) =>
        exception is not (LeaseLostException or DeadLetterConflictException) && !abort.IsCancellationRequested;

    private bool Postpone(Exception exception)
    {
        _isBehind = false;
        var pause = TimeSpan.FromSeconds(1 << Math.Min(_failures++, 9));
        pause = pause < MaxFailurePause ? pause : MaxFailurePause;
        ConsumerLog.CannotRemoveExpired(services.Logger, consumer.Label, pause, exception);
        _processor.Expiring!.SearchAgain(); // Not null when a removal is due.
        return Pause(pause);
    }

    private bool Pause(TimeSpan duration)
    {
        _pausedUntil = services.Time.GetUtcNow() + duration;
        return false;
    }
}
