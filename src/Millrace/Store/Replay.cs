namespace Millrace.Store;

/// <summary>Passes events of the log to a handler.</summary>
internal sealed class Replay(
    EventStore store,
    EventFilter filter,
    Func<RecordedEvent, CancellationToken, ValueTask> handler,
    ReplayOptions options)
{
    public async Task<ReplayResult> Run(CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentNullException.ThrowIfNull(handler);
        var head = await store.Storage.Log.GetHead(cancellationToken).ConfigureAwait(false);
        var to = Math.Min(options.To ?? head.Position, head.Position);
        var events = 0L;
        var wideFilter = store.Types.WithSources(filter);
        var mustFilter = store.Types.NeedsFilter(filter, wideFilter);
        var next = options.After + 1;
        var pages = store.Reader.ReadPages(wideFilter, next, cancellationToken);
        await using (pages.ConfigureAwait(false))
        {
            while (next <= to)
            {
                var page = await pages.Next().ConfigureAwait(false);
                for (var i = 0; i < page.Events.Count && page.Events[i].Position <= to; i++, events++)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    await Deliver(page.Events[i], mustFilter, cancellationToken).ConfigureAwait(false);
                }
                next = page.IsEnd ? to + 1 : page.Next;
                options.Progress?.Report(new ReplayProgress(events, Math.Min(next - 1, to), to));
            }
        }
        return new ReplayResult(events, Math.Max(options.After, to));
    }

    private async ValueTask Deliver(RecordedEvent recorded, bool mustFilter, CancellationToken cancellationToken)
    {
        if (!store.Types.MaySplit && !mustFilter)
        {
            await handler(recorded, cancellationToken).ConfigureAwait(false);
            return;
        }
        foreach (var part in store.Types.Parts([recorded]))
        {
            if (!mustFilter || store.Types.IsOneOf(filter.Types, part))
                await handler(part, cancellationToken).ConfigureAwait(false);
        }
    }
}
