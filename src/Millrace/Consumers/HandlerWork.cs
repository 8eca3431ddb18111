namespace Millrace;

/// <summary>An application's own consumer: its effects happen in its handler, before the checkpoint moves.</summary>
internal sealed class HandlerWork(ConsumerDefinition definition, EventTypeMap types, int workers) : ConsumerWork
{
    public override string Name => definition.Name;

    public override EventFilter Filter => definition.Filter;

    public override bool BeginsAtEnd => definition.BeginsAtEnd;

    public override bool HasEffects => false;

    public override async ValueTask Handle(IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        if (definition.BatchHandler is { } batchHandler)
            await HandleBatch(batchHandler, events, cancellationToken).ConfigureAwait(false);
        else
            await HandleEach(definition.EachHandler!, events, cancellationToken).ConfigureAwait(false); // One of the two is always there.
    }

    private static void Check(RecordedEvent recorded) => StoredEvents.RequireReadable(recorded);

    private async ValueTask HandleBatch(BatchHandling handler, IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        for (var i = 0; i < events.Count; i++)
        {
            if (!NeedsData(events[i]))
                continue;
            try
            {
                Check(events[i]);
            }
            catch (CannotDeserializeException exception)
            {
                throw new EventFailedException(events[i], exception, isRestDone: false);
            }
        }
        await handler(events, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask HandleEach(EventHandling handler, IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        var lanes = Lanes(events);
        if (lanes.Count == 1)
        {
            if (await HandleLane(handler, lanes[0], cancellationToken).ConfigureAwait(false) is { } failure)
                throw failure;
            return;
        }
        var running = new Task<EventFailedException?>[lanes.Count];
        for (var i = 0; i < running.Length; i++)
        {
            var lane = lanes[i];
            running[i] = Task.Run(() => HandleLane(handler, lane, cancellationToken), CancellationToken.None);
        }
        // Every lane goes on to its end or its own first failure: so all before the first failure of all is done.
        var failures = await Task.WhenAll(running).ConfigureAwait(false);
        if (failures.Where(failure => failure is not null).MinBy(failure => failure!.Recorded.Position) is { } first)
            throw first;
    }

    private async Task<EventFailedException?> HandleLane(
        EventHandling handler, List<RecordedEvent> lane, CancellationToken cancellationToken)
    {
        foreach (var recorded in lane)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                if (NeedsData(recorded))
                    Check(recorded);
                await handler(recorded, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                return new EventFailedException(recorded, exception, isRestDone: true);
            }
        }
        return null;
    }

    /// <summary>Parts events by key, those of a key in the same lane and in order.</summary>
    private List<List<RecordedEvent>> Lanes(IReadOnlyList<RecordedEvent> events)
    {
        var count = Math.Min(workers, events.Count);
        if (count == 1)
            return [[.. events]];
        var lanes = new List<RecordedEvent>?[count];
        for (var i = 0; i < events.Count; i++)
        {
            var lane = (int)((uint)string.GetHashCode(definition.Key(events[i]), StringComparison.Ordinal) % (uint)count);
            (lanes[lane] ??= []).Add(events[i]);
        }
        return [.. lanes.OfType<List<RecordedEvent>>()];
    }

    /// <summary>Whoever asks for a type by name wants it as this type; whoever asks for everything may want the bytes.</summary>
    private bool NeedsData(RecordedEvent recorded) => definition.Filter.Types.Count > 0 && types.KnowsName(recorded.Type);
}
