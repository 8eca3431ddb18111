using Millrace.Consuming.Partitions;
using Millrace.Consuming.Retries;

namespace Millrace.Consuming;

/// <summary>
/// A processor for a consumer of the application. The handler's effects happen before the checkpoint moves.
/// </summary>
internal sealed class EventHandlerProcessor : KeyedEventProcessor
{
    private readonly ConsumerDefinition _definition;
    private readonly EventTypeMap _types;
    private readonly Func<int> _getWorkers;
    private readonly SubscribedEvents _subscribed;
    private HandlerObserver? _observer;

    public EventHandlerProcessor(
        ConsumerDefinition definition, EventTypeMap types, Func<int> getWorkers, PartitionKeys share = default)
    {
        _definition = definition;
        _types = types;
        _getWorkers = getWorkers;
        Share = share;
        _subscribed = new SubscribedEvents(types, definition.Filter);
    }

    public override string Name => _definition.Name;

    public override EventFilter Filter => _subscribed.Filter;

    public override bool BeginsAtEnd => _definition.BeginsAtEnd;

    public override bool HasEffects => false;

    public override bool IsPure => false;

    /// <summary>
    /// False for a batch handler, because a batch is handled in the order of the log, independent of keys.
    /// </summary>
    public override bool CanBeDivided => _definition.EachHandler is not null;

    public override ConsumerProcessor CreateShare(PartitionKeys share) =>
        new EventHandlerProcessor(_definition, _types, _getWorkers, share) { HasFixedWorkers = HasFixedWorkers };

    public override ConsumerProcessor TryCreateReplacement() => CreateShare(Share);

    /// <summary>
    /// Gets whether the number of workers is fixed, because the consumer is part of the platform.
    /// </summary>
    public bool HasFixedWorkers { get; init; }

    public override bool CanAdapt => !HasFixedWorkers;

    /// <summary>True for a handler of single events. One call of a batch handler handles a whole batch.</summary>
    public override bool HasWorkers => _definition.EachHandler is not null;

    public override int Workers => HasWorkers ? Load?.Workers ?? _getWorkers() : 1;

    public override LoadOptions? LoadOptions => _definition.Load;

    public override FailurePolicy? Policy => _definition.Policy;

    public override bool TracesEachEvent => _definition.EachHandler is not null;

    public override void Observe(ConsumerMetrics metrics, TimeProvider time) =>
        _observer = new HandlerObserver(Name, _types, metrics, time);

    public override async ValueTask Handle(
        IReadOnlyList<RecordedEvent> events, BlockedKeys blockedKeys, CancellationToken cancellationToken)
    {
        var subscribed = SelectSubscribed(events, blockedKeys);
        if (subscribed.Count == 0)
            return;
        if (_definition.BatchHandler is { } batchHandler)
            await HandleBatch(
                batchHandler, SelectUnblockedParts(subscribed, blockedKeys), blockedKeys, cancellationToken)
                .ConfigureAwait(false);
        else
            await HandleEach(subscribed, blockedKeys, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Returns the events that match the filter and belong to this partition. If there are decisions, one may have
    /// moved an event to another key. The keys are then checked later.
    /// </summary>
    private IReadOnlyList<RecordedEvent> SelectSubscribed(IReadOnlyList<RecordedEvent> events, BlockedKeys blockedKeys)
    {
        if (Share.IsWhole)
            return _subscribed.Of(events);
        if (_definition.IsByStream)
            return _subscribed.Of([.. events.Where(IsOwn)]);
        var subscribed = _subscribed.Of(events);
        return blockedKeys.IsEmpty ? [.. subscribed.Where(IsOwn)] : subscribed;
    }

    /// <summary>
    /// Returns the keys of all parts of the event that match the filter, or the event's stream if no part matches.
    /// </summary>
    public override IReadOnlyList<string> KeysOf(RecordedEvent recorded)
    {
        if (_subscribed.IsPlain && Share.IsWhole)
            return base.KeysOf(recorded);
        var keys = _subscribed.Of([recorded]).Where(IsOwn).Select(TryKeyOf).Distinct(StringComparer.Ordinal).ToList();
        return keys.Count == 0 && Share.IsWhole ? [recorded.Stream.Value] : keys;
    }

    public override async ValueTask HandleAgain(RetriedEvent retried, CancellationToken cancellationToken)
    {
        CheckIfNeeded(retried.Recorded);
        var parts = _subscribed.Of([retried.Recorded]);
        if (parts.Count > 1 && retried.Key.Length > 0)
        {
            // The other parts were already handled for their keys. A correction may have left no part with this key.
            var own = parts
                .Where(part => string.Equals(TryKeyOf(part), retried.Key, StringComparison.Ordinal))
                .ToList();
            parts = own.Count > 0 ? own : parts;
        }
        if (!Share.IsWhole)
            parts = SelectOwn(parts, retried.Key);
        if (_definition.BatchHandler is { } batchHandler && parts.Count > 0)
            await Call(batchHandler, parts, cancellationToken).ConfigureAwait(false);
        for (var i = 0; _definition.EachHandler is { } handler && i < parts.Count; i++)
        {
            BoundedKeyOf(parts[i]);
            await Call(handler, parts[i], cancellationToken).ConfigureAwait(false);
        }
    }

    protected override string KeyOf(RecordedEvent recorded) => _definition.Key(recorded);

    private ValueTask Call(
        ConsumerEventHandler handler, RecordedEvent recorded, CancellationToken cancellationToken) =>
        _observer is { IsEnabled: true } observer
            ? observer.Handle(handler, recorded, cancellationToken)
            : handler(recorded, cancellationToken);

    private ValueTask Call(
        ConsumerBatchHandler handler, IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken) =>
        _observer is { IsEnabled: true } observer
            ? observer.Handle(handler, events, cancellationToken)
            : handler(events, cancellationToken);

    /// <summary>
    /// Returns the parts of this partition. An event without a known key has its own dead letter in each partition. An
    /// event with a known key must keep it.
    /// </summary>
    private List<RecordedEvent> SelectOwn(IReadOnlyList<RecordedEvent> parts, string key)
    {
        var own = parts.Where(IsOwn).ToList();
        return key.Length == 0 || own.Count == parts.Count
            ? own
            : throw new KeyOfOtherPartitionException(Name, key, TryKeyOf(parts.First(part => !IsOwn(part))));
    }

    /// <summary>
    /// Removes the parts that have to wait or are skipped. A correction replaces a part by the whole event, which is
    /// then split again.
    /// </summary>
    private IReadOnlyList<RecordedEvent> SelectUnblockedParts(
        IReadOnlyList<RecordedEvent> parts, BlockedKeys blockedKeys)
    {
        var kept = SelectUnblocked(parts, blockedKeys);
        if (ReferenceEquals(kept, parts) || _subscribed.IsPlain)
            return kept;
        var selected = new List<RecordedEvent>(kept.Count);
        RecordedEvent? last = null;
        foreach (var part in kept)
        {
            var isCorrected = part.Data is EventParts;
            var isSelected = isCorrected && last?.Position == part.Position && last.Payload.Equals(part.Payload);
            if (isCorrected && !isSelected)
                selected.AddRange(_subscribed.Of([part]).Where(own => IsCorrection(own, blockedKeys) && IsOwn(own)));
            else if (!isCorrected)
                selected.Add(part);
            last = part;
        }
        return selected;
    }

    /// <summary>Returns true when a part of a corrected event has the key for which the event was corrected.</summary>
    private bool IsCorrection(RecordedEvent part, BlockedKeys blockedKeys)
    {
        var corrected = blockedKeys.Decided.Correct(part, TryKeyOf(part));
        return !ReferenceEquals(corrected, part) && corrected.Payload.Equals(part.Payload);
    }

    private async ValueTask HandleBatch(
        ConsumerBatchHandler handler,
        IReadOnlyList<RecordedEvent> events,
        BlockedKeys blockedKeys,
        CancellationToken cancellationToken)
    {
        // The remaining events, if some cannot be read. Later events of an unreadable event's key are removed too.
        List<RecordedEvent>? kept = null;
        for (var i = 0; i < events.Count; i++)
        {
            var recorded = events[i];
            if (kept is not null && Admit(recorded, blockedKeys) is null)
                continue;
            try
            {
                CheckIfNeeded(recorded);
                kept?.Add(recorded);
            }
            catch (CannotDeserializeException exception)
            {
                kept ??= [.. events.Take(i)];
                Fail(recorded, TryKeyOf(recorded), exception, blockedKeys);
            }
        }
        var handled = kept ?? events;
        if (handled.Count > 0)
            await Call(handler, handled, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask HandleEach(
        IReadOnlyList<RecordedEvent> events, BlockedKeys blockedKeys, CancellationToken cancellationToken)
    {
        var lanes = Lanes(events, blockedKeys);
        if (lanes.Count == 0)
            return;
        if (lanes.Count == 1)
        {
            if (await HandleLane(lanes[0], blockedKeys, cancellationToken).ConfigureAwait(false) is { } failure)
                throw failure;
            return;
        }
        var running = new Task<EventFailedException?>[lanes.Count];
        for (var i = 0; i < running.Length; i++)
        {
            var lane = lanes[i];
            running[i] = Task.Run(() => HandleLane(lane, blockedKeys, cancellationToken), CancellationToken.None);
        }
        // Every lane continues to its end or until it must stop. So everything before the first failure is done.
        var failures = await Task.WhenAll(running).ConfigureAwait(false);
        if (failures.Where(failure => failure is not null).MinBy(failure => failure!.Recorded.Position) is { } first)
            throw first;
    }

    private async Task<EventFailedException?> HandleLane(
        IReadOnlyList<RecordedEvent> lane, BlockedKeys blockedKeys, CancellationToken cancellationToken)
    {
        var hasFailed = false;
        for (var i = 0; i < lane.Count; i++)
        {
            var recorded = lane[i];
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                if (hasFailed && Admit(recorded, blockedKeys) is null)
                    continue;
                CheckIfNeeded(recorded);
                // Each definition without a batch handler has this handler.
                await Call(_definition.EachHandler!, recorded, cancellationToken).ConfigureAwait(false);
            }
            catch (EventFailedException failed)
            {
                return new EventFailedException(recorded, failed.InnerException ?? failed, areEarlierDone: true);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                var key = (exception as IDeadLetterKeyProvider)?.DeadLetterKey ?? TryKeyOf(recorded);
                if (TryFail(recorded, key, exception, blockedKeys) is { } refusal)
                    return new EventFailedException(recorded, refusal, areEarlierDone: true);
                hasFailed = true;
            }
        }
        return null;
    }

    /// <summary>
    /// Divides events into lanes by key. The events of one key are in one lane, in order. Events that have to wait are
    /// omitted.
    /// </summary>
    private List<IReadOnlyList<RecordedEvent>> Lanes(IReadOnlyList<RecordedEvent> events, BlockedKeys blockedKeys)
    {
        var count = Math.Min(Trial?.Workers ?? Load?.Workers ?? _getWorkers(), events.Count);
        var unblocked = SelectUnblockedParts(events, blockedKeys);
        var lanes = new List<RecordedEvent>?[count];
        var hasFailed = false;
        for (var i = 0; i < unblocked.Count; i++)
        {
            var recorded = unblocked[i];
            if (hasFailed && Admit(recorded, blockedKeys) is null)
                continue;
            try
            {
                CheckIfNeeded(recorded); // Before its key, to report an unreadable event.
                var key = BoundedKeyOf(recorded);
                var lane =
                    count == 1 ? 0 : (int)((uint)string.GetHashCode(key, StringComparison.Ordinal) % (uint)count);
                (lanes[lane] ??= []).Add(recorded);
            }
#pragma warning disable CA1031 // Application code: any exception is the event's failure.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Fail(recorded, "", exception, blockedKeys);
                hasFailed = true;
            }
        }
        return [.. lanes.OfType<List<RecordedEvent>>()];
    }

    private void CheckIfNeeded(RecordedEvent recorded)
    {
        StoredEventTypes.RequireDecrypted(recorded);
        if (NeedsData(recorded))
            StoredEventTypes.RequireReadable(recorded);
    }

    /// <summary>
    /// Returns true if the filter names the type, so that the handler expects the event as this type. A handler of all
    /// events may need only the bytes.
    /// </summary>
    private bool NeedsData(RecordedEvent recorded) =>
        _definition.Filter.Types.Count > 0 && _types.KnowsName(recorded.Type);
}
