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
    private readonly int _workers;
    private readonly SubscribedEvents _wanted;

    public EventHandlerProcessor(
        ConsumerDefinition definition, EventTypeMap types, int workers, PartitionKeys share = default)
    {
        _definition = definition;
        _types = types;
        _workers = workers;
        Share = share;
        _wanted = new SubscribedEvents(types, definition.Filter);
    }

    public override string Name => _definition.Name;

    public override EventFilter Filter => _wanted.Filter;

    public override bool BeginsAtEnd => _definition.BeginsAtEnd;

    public override bool HasEffects => false;

    public override bool IsPure => false;

    /// <summary>
    /// False for a batch handler, because a batch is handled in the order of the log, independent of keys.
    /// </summary>
    public override bool CanBeDivided => _definition.EachHandler is not null;

    public override ConsumerProcessor CreateShare(PartitionKeys share) =>
        new EventHandlerProcessor(_definition, _types, _workers, share);

    public override FailurePolicy? Policy => _definition.Policy;

    public override async ValueTask Handle(
        IReadOnlyList<RecordedEvent> events, BlockedKeys blockedKeys, CancellationToken cancellationToken)
    {
        var wanted = WantedOf(events, blockedKeys);
        if (wanted.Count == 0)
            return;
        if (_definition.BatchHandler is { } batchHandler)
            await HandleBatch(batchHandler, SelectUnblockedParts(wanted, blockedKeys), blockedKeys, cancellationToken)
                .ConfigureAwait(false);
        else
            await HandleEach(wanted, blockedKeys, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Returns the events that match the filter and belong to this partition. A decision may have moved an event to
    /// another key; then its key is checked later.
    /// </summary>
    private IReadOnlyList<RecordedEvent> WantedOf(IReadOnlyList<RecordedEvent> events, BlockedKeys blockedKeys)
    {
        if (Share.IsWhole)
            return _wanted.Of(events);
        if (_definition.IsByStream)
            return _wanted.Of([.. events.Where(IsOwn)]);
        var wanted = _wanted.Of(events);
        return blockedKeys.IsEmpty ? [.. wanted.Where(IsOwn)] : wanted;
    }

    /// <summary>Returns the keys of all its parts that match the filter, or its stream when none do.</summary>
    public override IReadOnlyList<string> KeysOf(RecordedEvent recorded)
    {
        if (_wanted.IsPlain && Share.IsWhole)
            return base.KeysOf(recorded);
        var keys = _wanted.Of([recorded]).Where(IsOwn).Select(TryKeyOf).Distinct(StringComparer.Ordinal).ToList();
        return keys.Count == 0 && Share.IsWhole ? [recorded.Stream.Value] : keys;
    }

    public override async ValueTask HandleAgain(RetriedEvent retried, CancellationToken cancellationToken)
    {
        CheckIfNeeded(retried.Recorded);
        var parts = _wanted.Of([retried.Recorded]);
        if (parts.Count > 1 && retried.Key.Length > 0)
        {
            // The other parts were already handled for their keys. A correction may have left no part with this key.
            var own = parts
                .Where(part => string.Equals(TryKeyOf(part), retried.Key, StringComparison.Ordinal))
                .ToList();
            parts = own.Count > 0 ? own : parts;
        }
        if (!Share.IsWhole)
            parts = OwnOf(parts, retried.Key);
        if (_definition.BatchHandler is { } batchHandler && parts.Count > 0)
            await batchHandler(parts, cancellationToken).ConfigureAwait(false);
        for (var i = 0; _definition.EachHandler is { } handler && i < parts.Count; i++)
        {
            BoundedKeyOf(parts[i]);
            await handler(parts[i], cancellationToken).ConfigureAwait(false);
        }
    }

    protected override string KeyOf(RecordedEvent recorded) => _definition.Key(recorded);

    /// <summary>
    /// For an event without a known key, returns the parts of this partition: each partition has its own dead letter.
    /// An event with a key must keep it.
    /// </summary>
    private List<RecordedEvent> OwnOf(IReadOnlyList<RecordedEvent> parts, string key)
    {
        var own = parts.Where(IsOwn).ToList();
        return key.Length == 0 || own.Count == parts.Count
            ? own
            : throw new KeyOfOtherPartitionException(Name, key, TryKeyOf(parts.First(part => !IsOwn(part))));
    }

    /// <summary>
    /// Removes the parts that have to wait or are skipped. A corrected event is whole again, and is split again.
    /// </summary>
    private IReadOnlyList<RecordedEvent> SelectUnblockedParts(
        IReadOnlyList<RecordedEvent> parts, BlockedKeys blockedKeys)
    {
        var kept = SelectUnblocked(parts, blockedKeys);
        if (ReferenceEquals(kept, parts) || _wanted.IsPlain)
            return kept;
        var taken = new List<RecordedEvent>(kept.Count);
        RecordedEvent? last = null;
        foreach (var part in kept)
        {
            var isCorrected = part.Data is EventParts;
            var isTaken = isCorrected && last?.Position == part.Position && last.Payload.Equals(part.Payload);
            if (isCorrected && !isTaken)
                taken.AddRange(_wanted.Of([part]).Where(own => IsCorrection(own, blockedKeys) && IsOwn(own)));
            else if (!isCorrected)
                taken.Add(part);
            last = part;
        }
        return taken;
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
        // The events that are left when some cannot be read; later events of the same key are removed too.
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
            await handler(handled, cancellationToken).ConfigureAwait(false);
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
                await _definition.EachHandler!(recorded, cancellationToken).ConfigureAwait(false);
            }
            catch (EventFailedException full)
            {
                return new EventFailedException(recorded, full.InnerException ?? full, isRemainderDone: true);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                var key = (exception as IDeadLetterKeyProvider)?.DeadLetterKey ?? TryKeyOf(recorded);
                if (TryFail(recorded, key, exception, blockedKeys) is { } refusal)
                    return new EventFailedException(recorded, refusal, isRemainderDone: true);
                hasFailed = true;
            }
        }
        return null;
    }

    /// <summary>
    /// Divides events into lanes by key: the events of one key are in one lane, in order. Events that have to wait are
    /// left out.
    /// </summary>
    private List<IReadOnlyList<RecordedEvent>> Lanes(IReadOnlyList<RecordedEvent> events, BlockedKeys blockedKeys)
    {
        var count = Math.Min(_workers, events.Count);
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
        if (NeedsData(recorded))
            StoredEventTypes.RequireReadable(recorded);
    }

    /// <summary>
    /// True when the filter names the type, so that the handler expects the event as this type. A handler of all events
    /// may want only the bytes.
    /// </summary>
    private bool NeedsData(RecordedEvent recorded) =>
        _definition.Filter.Types.Count > 0 && _types.KnowsName(recorded.Type);
}
