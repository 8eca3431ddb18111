namespace Millrace.Storage.Moves;

/// <summary>Copies events from one log to the end of another log, and compares both logs.</summary>
internal sealed class EventCopier(
    IMoveEndpoint from, IMoveEndpoint to, StoreMoveOptions options, IProgress<MaintenanceProgress>? progress)
{
    /// <summary>The last position up to which a comparison has shown that both logs are equal.</summary>
    private long _equalTo;

    /// <summary>Gets the number of events that were written.</summary>
    public long Copied { get; private set; }

    /// <summary>Gets the number of segments that were compared.</summary>
    public long Compared { get; private set; }

    /// <summary>
    /// Copies events in bulk until few events remain. The next page is read while the current page is written.
    /// </summary>
    public async Task Copy(CancellationToken cancellationToken)
    {
        var next = await FindEnd(to, cancellationToken).ConfigureAwait(false) + 1;
        var readTask = Read(next, cancellationToken);
        while (true)
        {
            var (events, last) = await readTask.ConfigureAwait(false);
            if (events.Count == 0)
                return;
            next = events[^1].Position + 1;
            readTask = Read(next, cancellationToken);
            try
            {
                await Write(events, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                await ((Task)readTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                throw;
            }
            progress?.Report(new MaintenanceProgress(next - 1, last, "events"));
        }
    }

    /// <summary>Copies the events of the source after the end of the target, up to the last position.</summary>
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
            Copied += events.Count;
            next = events[^1].Position + 1;
        }
    }

    /// <summary>Compares all segments that were not compared yet.</summary>
    /// <exception cref="StoreMoveException">The target contains different events.</exception>
    public async Task Compare(CancellationToken cancellationToken)
    {
        var last = await FindEnd(to, cancellationToken).ConfigureAwait(false);
        while (_equalTo < last)
        {
            var segment = new Segment(_equalTo + 1, Math.Min(_equalTo + options.SegmentPositions, last));
            // Two threads compute the two hashes, because an embedded database uses the calling thread.
            var sourceTask = Task.Run(() => Hash(from, segment, cancellationToken), cancellationToken);
            var targetTask = Task.Run(() => Hash(to, segment, cancellationToken), cancellationToken);
            var sourceHash = await sourceTask.ConfigureAwait(false);
            var targetHash = await targetTask.ConfigureAwait(false);
            if (!sourceHash.AsSpan().SequenceEqual(targetHash))
                await new SegmentRepair(from, to).Run(segment, cancellationToken).ConfigureAwait(false);
            _equalTo = segment.Last;
            Compared++;
            progress?.Report(new MaintenanceProgress(_equalTo, last, "events compared"));
        }
    }

    /// <summary>
    /// Compares the events that were copied after the last comparison, in the final state of both logs.
    /// </summary>
    public async Task CompareRemaining(
        IMoveSession source, IMoveSession target, long last, CancellationToken cancellationToken)
    {
        if (_equalTo >= last)
            return;
        var segment = new Segment(_equalTo + 1, last);
        var sourceHash = await Hash(source, segment, cancellationToken).ConfigureAwait(false);
        var targetHash = await Hash(target, segment, cancellationToken).ConfigureAwait(false);
        if (!sourceHash.AsSpan().SequenceEqual(targetHash))
            throw SegmentRepair.Differs(segment, "the events that were just copied differ");
        Compared++;
    }

    private static async Task<long> FindEnd(IMoveEndpoint endpoint, CancellationToken cancellationToken)
    {
        var session = await endpoint.OpenSession(MoveSessionKind.Read, cancellationToken).ConfigureAwait(false);
        await using var _ = session.ConfigureAwait(false);
        return (await session.GetHeader(cancellationToken).ConfigureAwait(false)).LastPosition;
    }

    private static async Task<byte[]> Hash(IMoveEndpoint endpoint, Segment segment, CancellationToken cancellationToken)
    {
        var session = await endpoint.OpenSession(MoveSessionKind.Read, cancellationToken).ConfigureAwait(false);
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
            foreach (var recorded in events)
                hash.Add(recorded);
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
        Copied += events.Count;
    }
}
