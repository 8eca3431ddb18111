namespace Millrace.Storage;

/// <summary>
/// Pages of events that one reader takes one after another. Disposal releases the resources for the next page.
/// </summary>
public interface IEventPages : IAsyncDisposable
{
    /// <summary>Gets whether the next page is already being read while the caller uses the current one.</summary>
    bool ReadsAhead { get; }

    /// <summary>Returns the next page; on the first call the first page.</summary>
    ValueTask<EventPage> Next(CancellationToken cancellationToken);
}
