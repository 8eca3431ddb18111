namespace Millrace;

/// <summary>Hands events of the log to a handler.</summary>
internal sealed class Replay(
    EventStore store, EventFilter filter, Func<RecordedEvent, CancellationToken, ValueTask> handler, ReplayOptions options)
{
    public async Task<ReplayResult> Run(CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentNullException.ThrowIfNull(handler);
        var head = await store.Storage.Log.GetHead(cancellationToken).ConfigureAwait(false);
        var to = Math.Min(options.To ?? head.Position, head.Position);
        var events = 0L;
        var next = options.After + 1;
        var pages = store.Reader.ReadPages(filter, next, cancellationToken);
        await using (pages.ConfigureAwait(false))
        {
            while (next <= to)
            {
                var page = await pages.Next().ConfigureAwait(false);
                for (var i = 0; i < page.Events.Count && page.Events[i].Position <= to; i++, events++)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    await handler(page.Events[i], cancellationToken).ConfigureAwait(false);
                }
                next = page.IsEnd ? to + 1 : page.Next;
                options.Progress?.Report(new ReplayProgress(events, Math.Min(next - 1, to), to));
            }
        }
        return new ReplayResult(events, Math.Max(options.After, to));
    }
}
