namespace Millrace.Storage;

/// <summary>
/// Reads consecutive pages of events for one reader. Disposal releases the resources for the next page.
/// </summary>
public interface IEventPages : IAsyncDisposable
{
    /// <summary>Gets whether the next page is already being read while the caller uses the current page.</summary>
    bool ReadsAhead { get; }

    /// <summary>Returns the next page. The first call returns the first page.</summary>
    ValueTask<EventPage> Next(CancellationToken cancellationToken);
}
