namespace Millrace.Storage;

/// <summary>
/// Reads each page of the log separately, as <see cref="ILogStorage.ReadPages"/> does by default. A storage that has a
/// faster way for some queries can use this class for all other queries.
/// </summary>
public sealed class SeparatePages : IEventPages
{
    private readonly ILogStorage _log;
    private LogPageQuery _next;

    /// <summary>Creates a reader.</summary>
    /// <param name="log">The log.</param>
    /// <param name="first">The first page. The following pages have the same filter, direction and limit.</param>
    /// <exception cref="ArgumentNullException"><paramref name="log"/> is null.</exception>
    public SeparatePages(ILogStorage log, LogPageQuery first)
    {
        ArgumentNullException.ThrowIfNull(log);
        (_log, _next) = (log, first);
    }

    /// <inheritdoc/>
    public bool ReadsAhead => false;

    /// <inheritdoc/>
    public async ValueTask<EventPage> Next(CancellationToken cancellationToken)
    {
        var page = await _log.ReadLog(_next, cancellationToken).ConfigureAwait(false);
        _next = _next with { From = page.Next };
        return page;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
