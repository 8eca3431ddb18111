namespace Millrace.Storage.Moves;

/// <summary>Carries the events of a log to the end of another one, and compares what both hold.</summary>
internal sealed class EventCopier(
    IMoveEndpoint from, IMoveEndpoint to, StoreMoveOptions options, IProgress<MaintenanceProgress>? progress)
{
    /// <summary>Up to where both logs are known to be the same.</summary>
    private long _same;

    /// <summary>How many events were written.</summary>
    public long Carried { get; private set; }

    /// <summary>How many segments were compared.</summary>
    public long Compared { get; private set; }

    /// <summary>Carries in bulk until little is left; the next page is read while one is written.</summary>
    public async Task Copy(CancellationToken cancellationToken)
    {
        var next = await FindEnd(to, cancellationToken).ConfigureAwait(false) + 1;
        var reading = Read(next, cancellationToken);
        while (true)
        {
            var (events, last) = await reading.ConfigureAwait(false);
            if (events.Count == 0)
                return;
            next = events[^1].Position + 1;
            reading = Read(next, cancellationToken);
            try
            {
                await Write(events, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                throw;
            }
            progress?.Report(new MaintenanceProgress(next - 1, last, "events"));
        }
    }

    /// <summary>Carries what one state of the source has beyond the end of the target.</summary>
    public async Task CopyRemaining(
        IMoveSession source, IMoveSession target, long last, CancellationToken cancellationToken)
    {
        var header = await target.GetHeader(cancellationToken).ConfigureAwait(false);
        for (var next = header.LastPosition + 1; next <= last;)
        {
            var events = await source
                .ReadEvents(next, last, options.PageEvents, cancellationToken)
                .ConfigureAwait(false);
            if (events.Count == 0)
                return;
            await target.AddEvents(events, cancellationToken).ConfigureAwait(false);
            Carried += events.Count;
            next = events[^1].Position + 1;
        }
    }

    /// <summary>Compares all segments that are not known to be the same.</summary>
    /// <exception cref="StoreMoveException">The target holds something else.</exception>
    public async Task Compare(CancellationToken cancellationToken)
    {
        var last = await FindEnd(to, cancellationToken).ConfigureAwait(false);
        while (_same < last)
        {
            var segment = new Segment(_same + 1, Math.Min(_same + options.SegmentPositions, last));
            // Each on a thread of its own: an embedded database works on its caller's.
            var one = Task.Run(() => Hash(from, segment, cancellationToken), cancellationToken);
            var other = Task.Run(() => Hash(to, segment, cancellationToken), cancellationToken);
            var (there, here) = (await one.ConfigureAwait(false), await other.ConfigureAwait(false));
            if (!there.AsSpan().SequenceEqual(here))
                await new SegmentRepair(from, to).Run(segment, cancellationToken).ConfigureAwait(false);
            (_same, Compared) = (segment.Last, Compared + 1);
            progress?.Report(new MaintenanceProgress(_same, last, "events compared"));
        }
    }

    /// <summary>Compares what was carried since, on the last state of both.</summary>
    public async Task CompareRest(
        IMoveSession source, IMoveSession target, long last, CancellationToken cancellationToken)
    {
        if (_same >= last)
            return;
        var segment = new Segment(_same + 1, last);
        var there = await Hash(source, segment, cancellationToken).ConfigureAwait(false);
        var here = await Hash(target, segment, cancellationToken).ConfigureAwait(false);
        if (!there.AsSpan().SequenceEqual(here))
            throw SegmentRepair.Differs(segment, "what was just carried over came to be something else");
        Compared++;
    }

    private static async Task<long> FindEnd(IMoveEndpoint side, CancellationToken cancellationToken)
    {
        var session = await side.OpenSession(MoveSessionKind.Read, cancellationToken).ConfigureAwait(false);
        await using var _ = session.ConfigureAwait(false);
        return (await session.GetHeader(cancellationToken).ConfigureAwait(false)).LastPosition;
    }

    private static async Task<byte[]> Hash(IMoveEndpoint side, Segment segment, CancellationToken cancellationToken)
    {
        var session = await side.OpenSession(MoveSessionKind.Read, cancellationToken).ConfigureAwait(false);
        await using var _ = session.ConfigureAwait(false);
        return await Hash(session, segment, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<byte[]> Hash(IMoveSession session, Segment segment, CancellationToken cancellationToken)
    {
        using var hash = new EventHash();
        for (var next = segment.First; next <= segment.Last;)
        {
            var events = await session
                .ReadEvents(next, segment.Last, Segment.PageEvents, cancellationToken)
                .ConfigureAwait(false);
            if (events.Count == 0)
                break;
            foreach (var read in events)
                hash.Add(read);
            next = events[^1].Position + 1;
        }
        return hash.Take();
    }

    private Task<(IReadOnlyList<RecordedEvent> Events, long Last)> Read(
        long next, CancellationToken cancellationToken) =>
        Task.Run(
            async () =>
            {
                var session = await from.OpenSession(MoveSessionKind.Read, cancellationToken).ConfigureAwait(false);
                await using var _ = session.ConfigureAwait(false);
                var last = (await session.GetHeader(cancellationToken).ConfigureAwait(false)).LastPosition;
                return (
                    await session.ReadEvents(next, last, options.PageEvents, cancellationToken).ConfigureAwait(false),
                    last);
            },
            cancellationToken);

    private async Task Write(IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        var session = await to.OpenSession(MoveSessionKind.Write, cancellationToken).ConfigureAwait(false);
        await using var _ = session.ConfigureAwait(false);
        await session.AddEvents(events, cancellationToken).ConfigureAwait(false);
        await session.Commit(cancellationToken).ConfigureAwait(false);
        Carried += events.Count;
    }
}
