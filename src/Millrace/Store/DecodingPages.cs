using Millrace.Storage;

namespace Millrace.Store;

/// <summary>Reads pages of the log whose events can be decoded.</summary>
internal sealed class DecodingPages(IEventPages pages, LogReader reader) : IEventPages
{
    public bool ReadsAhead => pages.ReadsAhead;

    public async ValueTask<EventPage> Next(CancellationToken cancellationToken)
    {
        var page = await pages.Next(cancellationToken).ConfigureAwait(false);
        return await reader.ToDecodable(page, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => pages.DisposeAsync();
}
