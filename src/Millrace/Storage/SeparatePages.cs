namespace Millrace.Storage;

/// <summary>Reads each page of the log separately.</summary>
internal sealed class SeparatePages(ILogStorage log, LogPageQuery first) : IEventPages
{
    private LogPageQuery _next = first;

    public bool ReadsAhead => false;

    public async ValueTask<EventPage> Next(CancellationToken cancellationToken)
    {
        var page = await log.ReadLog(_next, cancellationToken).ConfigureAwait(false);
        _next = _next with { From = page.Next };
        return page;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
