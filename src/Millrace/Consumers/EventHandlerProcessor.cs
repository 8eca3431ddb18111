namespace Millrace;

/// <summary>An application's own consumer: its effects happen in its handler, before the checkpoint moves.</summary>
internal sealed class EventHandlerProcessor : KeyedEventProcessor
{
    private readonly ConsumerDefinition _definition;
    private readonly EventTypeMap _types;
    private readonly int _workers;
    private readonly SubscribedEvents _wanted;

    public EventHandlerProcessor(
        ConsumerDefinition definition, EventTypeMap types, int workers, PartitionKeys share = default)
    {
        (_definition, _types, _workers, Share) = (definition, types, workers, share);
        _wanted = new SubscribedEvents(types, definition.Filter);
    }

    public override string Name => _definition.Name;

    public override EventFilter Filter => _wanted.Filter;

    public override bool BeginsAtEnd => _definition.BeginsAtEnd;

    public override bool HasEffects => false;

    public override bool IsPure => false;

    /// <summary>A batch is handled in the order of the log, whatever its keys.</summary>
    public override bool CanBeDivided => _definition.EachHandler is not null;

    public override ConsumerProcessor CreateShare(PartitionKeys share) =>
        new EventHandlerProcessor(_definition, _types, _workers, share);

    public override FailurePolicy? Policy => _definition.Policy;

    public override async ValueTask Handle(
        IReadOnlyList<RecordedEvent> events, BlockedKeys lines, CancellationToken cancellationToken)
    {
        var wanted = WantedOf(events, lines);
        if (wanted.Count == 0)
            return;
        if (_definition.BatchHandler is { } batchHandler)
            await HandleBatch(batchHandler, SelectUnblockedParts(wanted, lines), lines, cancellationToken)
                .ConfigureAwait(false);
        else
            await HandleEach(wanted, lines, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// What is asked for, and is its own. What was decided about an event may have moved it: then the keys are looked
    /// at later.
    /// </summary>
    private IReadOnlyList<RecordedEvent> WantedOf(IReadOnlyList<RecordedEvent> events, BlockedKeys lines)
    {
        if (Share.IsWhole)
            return _wanted.Of(events);
        if (_definition.IsByStream)
            return _wanted.Of([.. events.Where(IsOwn)]);
        var wanted = _wanted.Of(events);
        return lines.IsEmpty ? [.. wanted.Where(IsOwn)] : wanted;
    }

    /// <summary>The keys of all of its parts that are asked for, or, when there are none, its stream.</summary>
    public override IReadOnlyList<string> KeysOf(RecordedEvent recorded)
    {
        if (_wanted.IsPlain && Share.IsWhole)
            return base.KeysOf(recorded);
        var keys = _wanted.Of([recorded]).Where(IsOwn).Select(TryKeyOf).Distinct(StringComparer.Ordinal).ToList();
        return keys.Count == 0 && Share.IsWhole ? [recorded.Stream.Value] : keys;
    }

    public override async ValueTask HandleAgain(RetriedEvent again, CancellationToken cancellationToken)
    {
        CheckIfNeeded(again.Recorded);
        var parts = _wanted.Of([again.Recorded]);
        if (parts.Count > 1 && again.Key.Length > 0)
        {
            // The others were handled when it was their turn; a correction may have left none with this key.
            var own = parts.Where(part => string.Equals(TryKeyOf(part), again.Key, StringComparison.Ordinal)).ToList();
            parts = own.Count > 0 ? own : parts;
        }
        if (!Share.IsWhole)
            parts = OwnOf(parts, again.Key);
        if (_definition.BatchHandler is { } batchHandler && parts.Count > 0)
            await batchHandler(parts, cancellationToken).ConfigureAwait(false);
        for (var i = 0; _definition.EachHandler is { } handler && i < parts.Count; i++)
        {
            BoundedKeyOf(parts[i]);
            await handler(parts[i], cancellationToken).ConfigureAwait(false);
        }
    }

    protected override string KeyOf(RecordedEvent recorded) => _definition.Key(recorded);

    /// <summary>Of an event without a known key its own parts: each partition has a letter of it. One of a key is to
    /// keep it.</summary>
    private List<RecordedEvent> OwnOf(IReadOnlyList<RecordedEvent> parts, string key)
    {
        var own = parts.Where(IsOwn).ToList();
        return key.Length == 0 || own.Count == parts.Count
            ? own
            : throw new KeyOfOtherPartitionException(Name, key, TryKeyOf(parts.First(part => !IsOwn(part))));
    }

    /// <summary>Leaves out what has to wait or was passed over. What was corrected is whole again, and is taken apart
    /// anew.</summary>
    private IReadOnlyList<RecordedEvent> SelectUnblockedParts(IReadOnlyList<RecordedEvent> parts, BlockedKeys lines)
    {
        var kept = SelectUnblocked(parts, lines);
        if (ReferenceEquals(kept, parts) || _wanted.IsPlain)
            return kept;
        var taken = new List<RecordedEvent>(kept.Count);
        RecordedEvent? last = null;
        foreach (var one in kept)
        {
            var isCorrected = one.Data is EventParts;
            var isTaken = isCorrected && last?.Position == one.Position && last.Payload.Equals(one.Payload);
            if (isCorrected && !isTaken)
                taken.AddRange(_wanted.Of([one]).Where(part => IsCorrection(part, lines) && IsOwn(part)));
            else if (!isCorrected)
                taken.Add(one);
            last = one;
        }
        return taken;
    }

    /// <summary>Whether a part of a corrected event is of the key for which it was corrected.</summary>
    private bool IsCorrection(RecordedEvent part, BlockedKeys lines)
    {
        var corrected = lines.Decided.Correct(part, TryKeyOf(part));
        return !ReferenceEquals(corrected, part) && corrected.Payload.Equals(part.Payload);
    }

    private async ValueTask HandleBatch(
        ConsumerBatchHandler handler,
        IReadOnlyList<RecordedEvent> events,
        BlockedKeys lines,
        CancellationToken cancellationToken)
    {
        // What is left when some cannot be read: also those of the same key that come before.
        List<RecordedEvent>? kept = null;
        for (var i = 0; i < events.Count; i++)
        {
            var recorded = events[i];
            if (kept is not null && Admit(recorded, lines) is null)
                continue;
            try
            {
                CheckIfNeeded(recorded);
                kept?.Add(recorded);
            }
            catch (CannotDeserializeException exception)
            {
                kept ??= [.. events.Take(i)];
                Fail(recorded, TryKeyOf(recorded), exception, lines);
            }
        }
        var handled = kept ?? events;
        if (handled.Count > 0)
            await handler(handled, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask HandleEach(
        IReadOnlyList<RecordedEvent> events, BlockedKeys lines, CancellationToken cancellationToken)
    {
        var lanes = Lanes(events, lines);
        if (lanes.Count == 0)
            return;
        if (lanes.Count == 1)
        {
            if (await HandleLane(lanes[0], lines, cancellationToken).ConfigureAwait(false) is { } failure)
                throw failure;
            return;
        }
        var running = new Task<EventFailedException?>[lanes.Count];
        for (var i = 0; i < running.Length; i++)
        {
            var lane = lanes[i];
            running[i] = Task.Run(() => HandleLane(lane, lines, cancellationToken), CancellationToken.None);
        }
        // Every lane goes on to its end or until it must stop: so all before the first failure of all is done.
        var failures = await Task.WhenAll(running).ConfigureAwait(false);
        if (failures.Where(failure => failure is not null).MinBy(failure => failure!.Recorded.Position) is { } first)
            throw first;
    }

    private async Task<EventFailedException?> HandleLane(
        IReadOnlyList<RecordedEvent> lane, BlockedKeys lines, CancellationToken cancellationToken)
    {
        var hasFailed = false;
        for (var i = 0; i < lane.Count; i++)
        {
            var recorded = lane[i];
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                if (hasFailed && Admit(recorded, lines) is null)
                    continue;
                CheckIfNeeded(recorded);
                // Who handles no batches has this one.
                await _definition.EachHandler!(recorded, cancellationToken).ConfigureAwait(false);
            }
            catch (EventFailedException full)
            {
                return new EventFailedException(recorded, full.InnerException ?? full, isRestDone: true);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                var key = (exception as IDeadLetterKeyProvider)?.DeadLetterKey ?? TryKeyOf(recorded);
                if (TryFail(recorded, key, exception, lines) is { } refusal)
                    return new EventFailedException(recorded, refusal, isRestDone: true);
                hasFailed = true;
            }
        }
        return null;
    }

    /// <summary>Parts events by key, those of a key in the same lane and in order; leaves out what has to
    /// wait.</summary>
    private List<IReadOnlyList<RecordedEvent>> Lanes(IReadOnlyList<RecordedEvent> events, BlockedKeys lines)
    {
        var count = Math.Min(_workers, events.Count);
        var sifted = SelectUnblockedParts(events, lines);
        var lanes = new List<RecordedEvent>?[count];
        var hasFailed = false;
        for (var i = 0; i < sifted.Count; i++)
        {
            var recorded = sifted[i];
            if (hasFailed && Admit(recorded, lines) is null)
                continue;
            try
            {
                CheckIfNeeded(recorded); // Before its key is asked for: what cannot be read is told as that.
                var key = BoundedKeyOf(recorded);
                var lane =
                    count == 1 ? 0 : (int)((uint)string.GetHashCode(key, StringComparison.Ordinal) % (uint)count);
                (lanes[lane] ??= []).Add(recorded);
            }
#pragma warning disable CA1031 // The application's own code: whatever it throws is the event's failure.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Fail(recorded, "", exception, lines);
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

    /// <summary>Whoever asks for a type by name wants it as this type; whoever asks for everything may want the
    /// bytes.</summary>
    private bool NeedsData(RecordedEvent recorded) =>
        _definition.Filter.Types.Count > 0 && _types.KnowsName(recorded.Type);
}
