namespace Millrace.Storage.Archives;

/// <summary>Adds the archived contents to the events of consecutive pages.</summary>
internal sealed class ArchivedPages(IEventPages inner, ArchiveContents contents, bool isBrief) : IEventPages
{
    public bool ReadsAhead => inner.ReadsAhead;

    public async ValueTask<EventPage> Next(CancellationToken cancellationToken)
    {
        var page = await inner.Next(cancellationToken).ConfigureAwait(false);
        return await contents.Resolve(page, isBrief, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
