using Millrace.Storage;

namespace Millrace.Store;

/// <summary>Reads pages of a stream.</summary>
internal sealed class StreamPages(LogReader reader, StreamPageQuery first) : IEventPages
{
    private StreamPageQuery _next = first;

    public bool ReadsAhead => false;

    public async ValueTask<EventPage> Next(CancellationToken cancellationToken)
    {
        var page = await reader.ReadPage(_next, cancellationToken).ConfigureAwait(false);
        _next = _next with { From = page.Next };
        return page;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
