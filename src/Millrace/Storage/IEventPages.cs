namespace Millrace.Storage;

/// <summary>
/// Pages of events that one reader takes one after the other. What is held for the next page is given back when they
/// are disposed.
/// </summary>
public interface IEventPages : IAsyncDisposable
{
    /// <summary>Whether the next page is on its way already, so that nobody need ask for it while the one before is
    /// worked on.</summary>
    bool ReadsAhead { get; }

    /// <summary>Takes the next page; the first one, when none was taken yet.</summary>
    ValueTask<EventPage> Next(CancellationToken cancellationToken);
}
