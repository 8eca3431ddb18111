namespace Millrace;

/// <summary>An application's own consumer: its effects happen in its handler, before the checkpoint moves.</summary>
internal sealed class HandlerWork(ConsumerDefinition definition, EventTypeMap types, int workers) : KeyedWork
{
    public override string Name => definition.Name;

    public override EventFilter Filter { get; } = types.WithSources(definition.Filter);

    public override bool BeginsAtEnd => definition.BeginsAtEnd;

    public override bool HasEffects => false;

    public override bool IsPure => false;

    public override FailurePolicy? Policy => definition.Policy;

    public override async ValueTask Handle(IReadOnlyList<RecordedEvent> events, KeyLines lines, CancellationToken cancellationToken)
    {
        if (definition.BatchHandler is { } batchHandler)
            await HandleBatch(batchHandler, Sift(events, lines), lines, cancellationToken).ConfigureAwait(false);
        else
            await HandleEach(events, lines, cancellationToken).ConfigureAwait(false);
    }

    public override async ValueTask HandleAgain(
        RecordedEvent recorded, RecordedEvent original, string key, CancellationToken cancellationToken)
    {
        CheckIfNeeded(recorded);
        if (definition.BatchHandler is { } batchHandler)
            await Hand(batchHandler, [recorded], cancellationToken).ConfigureAwait(false);
        else
            await Hand(recorded, cancellationToken).ConfigureAwait(false);
    }

    protected override string KeyOf(RecordedEvent recorded) => definition.Key(recorded);

    /// <summary>
    /// Whether events are read that are stored as something which may be read as what is asked for, but may be read as something else.
    /// </summary>
    private bool IsWide => !ReferenceEquals(Filter, definition.Filter);

    private async ValueTask HandleBatch(
        BatchHandling handler, IReadOnlyList<RecordedEvent> events, KeyLines lines, CancellationToken cancellationToken)
    {
        var hasFailed = false;
        for (var i = 0; i < events.Count; i++)
        {
            try
            {
                CheckIfNeeded(events[i]);
            }
            catch (CannotDeserializeException exception)
            {
                Fail(events[i], TryKeyOf(events[i]), exception, lines);
                hasFailed = true;
            }
        }
        var handled = hasFailed ? Sift(events, lines) : events;
        if (handled.Count > 0)
            await Hand(handler, handled, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask Hand(BatchHandling handler, IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        var parts = types.Parts(events);
        var wanted = IsWide ? [.. parts.Where(IsAskedFor)] : parts;
        if (wanted.Count > 0)
            await handler(wanted, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask Hand(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        var handler = definition.EachHandler!; // Who has no handler of batches has this one.
        if (!types.MaySplit && !IsWide)
        {
            await handler(recorded, cancellationToken).ConfigureAwait(false);
            return;
        }
        foreach (var part in types.Parts([recorded]))
        {
            if (!IsWide || IsAskedFor(part))
                await handler(part, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask HandleEach(IReadOnlyList<RecordedEvent> events, KeyLines lines, CancellationToken cancellationToken)
    {
        var lanes = Lanes(events, lines);
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
        IReadOnlyList<RecordedEvent> lane, KeyLines lines, CancellationToken cancellationToken)
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
                await Hand(recorded, cancellationToken).ConfigureAwait(false);
            }
            catch (EventFailedException full)
            {
                return new EventFailedException(recorded, full.InnerException ?? full, isRestDone: true);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                if (lines.Fail(recorded, TryKeyOf(recorded), exception) is { } refusal)
                    return new EventFailedException(recorded, refusal, isRestDone: true);
                hasFailed = true;
            }
        }
        return null;
    }

    /// <summary>Parts events by key, those of a key in the same lane and in order; leaves out what has to wait.</summary>
    private List<IReadOnlyList<RecordedEvent>> Lanes(IReadOnlyList<RecordedEvent> events, KeyLines lines)
    {
        var count = Math.Min(workers, events.Count);
        if (count == 1)
            return [Sift(events, lines)];
        var lanes = new List<RecordedEvent>?[count];
        for (var i = 0; i < events.Count; i++)
        {
            var recorded = lines.IsEmpty ? events[i] : Admit(events[i], lines);
            if (recorded is null)
                continue;
            try
            {
                var lane = (int)((uint)string.GetHashCode(BoundedKeyOf(recorded), StringComparison.Ordinal) % (uint)count);
                (lanes[lane] ??= []).Add(recorded);
            }
#pragma warning disable CA1031 // The application's own code: whatever it throws is the event's failure.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Fail(recorded, "", exception, lines);
            }
        }
        return [.. lanes.OfType<List<RecordedEvent>>()];
    }

    private bool IsAskedFor(RecordedEvent part) => types.IsOneOf(definition.Filter.Types, part);

    private void CheckIfNeeded(RecordedEvent recorded)
    {
        if (NeedsData(recorded))
            StoredEvents.RequireReadable(recorded);
    }

    /// <summary>Whoever asks for a type by name wants it as this type; whoever asks for everything may want the bytes.</summary>
    private bool NeedsData(RecordedEvent recorded) => definition.Filter.Types.Count > 0 && types.KnowsName(recorded.Type);
}
