using System.Diagnostics;
using Millrace.Storage;

namespace Millrace.Store;

/// <summary>Records the shape of a query when its pages were read.</summary>
internal sealed class CountedPages(IEventPages inner, QueryShapes shapes, EventFilter filter) : IEventPages
{
    private TimeSpan _duration;
    private long _events;
    private bool _isRead;

    public bool ReadsAhead => inner.ReadsAhead;

    public async ValueTask<EventPage> Next(CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var page = await inner.Next(cancellationToken).ConfigureAwait(false);
        _duration += Stopwatch.GetElapsedTime(started);
        _events += page.Events.Count;
        _isRead = true;
        return page;
    }

    public ValueTask DisposeAsync()
    {
        if (_isRead)
            shapes.Record(filter, isCount: false, _events, _duration);
        return inner.DisposeAsync();
    }
}
