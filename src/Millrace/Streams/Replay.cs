using Millrace.Storage;

namespace Millrace;

/// <summary>From where to where a replay goes, and whom it tells.</summary>
public sealed class ReplayOptions
{
    /// <summary>The position after which it begins; 0 by default.</summary>
    public long After { get; set; }

    /// <summary>The last position it hands on; by default the end of the log when it begins.</summary>
    public long? To { get; set; }

    /// <summary>Told after each page; null by default.</summary>
    public IProgress<ReplayProgress>? Progress { get; set; }
}

/// <summary>How far a replay is.</summary>
/// <param name="Events">How many events were handed on.</param>
/// <param name="Position">The position it has reached.</param>
/// <param name="To">The position at which it ends.</param>
public readonly record struct ReplayProgress(long Events, long Position, long To);

/// <summary>What a replay did.</summary>
/// <param name="Events">How many events were handed on.</param>
/// <param name="Position">The position it has reached: go on after it.</param>
public readonly record struct ReplayResult(long Events, long Position);

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
        while (next <= to)
        {
            var query = new LogPageQuery(filter, next, IsBackwards: false, store.Options.PageEvents);
            var page = await store.Reader.ReadPage(query, cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < page.Events.Count && page.Events[i].Position <= to; i++, events++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await handler(page.Events[i], cancellationToken).ConfigureAwait(false);
            }
            next = page.IsEnd ? to + 1 : page.Next;
            options.Progress?.Report(new ReplayProgress(events, Math.Min(next - 1, to), to));
        }
        return new ReplayResult(events, Math.Max(options.After, to));
    }
}
