using Millrace.Storage;
using Millrace.Storage.Archives;

namespace Millrace.Archiving;

/// <summary>Reads the whole log, and moves contents of the events of selected streams to segments.</summary>
/// <param name="log">The log without the archive.</param>
/// <param name="selection">The conditions.</param>
/// <param name="selector">Decides by the conditions.</param>
/// <param name="buffer">Receives the events.</param>
internal sealed class ArchiveRun(
    ILogStorage log, ArchiveSelection selection, StreamSelector selector, SegmentBuffer buffer)
{
    private const int PageEvents = 500;

    /// <summary>Archives, and returns the position of the last event that was read; 0 for none.</summary>
    /// <param name="end">The last position to read.</param>
    /// <param name="progress">Receives the progress; may be null.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task<long> Run(
        long end, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken)
    {
        var last = 0L;
        var query = new LogPageQuery(
            new EventFilter { To = selection.InactiveSince }, 1, IsBackwards: false, PageEvents);
        var pages = log.ReadPages(query);
        await using var _ = pages.ConfigureAwait(false);
        while (true)
        {
            var page = await pages.Next(cancellationToken).ConfigureAwait(false);
            foreach (var recorded in page.Events)
            {
                if (recorded.Position > end)
                    break;
                last = recorded.Position;
                if (!ArchiveReference.IsIn(recorded)
                    && await selector.Includes(recorded, cancellationToken).ConfigureAwait(false))
                    await buffer.Add(recorded, cancellationToken).ConfigureAwait(false);
            }
            progress?.Report(new MaintenanceProgress(Math.Min(page.Next - 1, end), end, "events"));
            if (page.IsEnd || page.Next > end)
                break;
        }
        await buffer.Complete(cancellationToken).ConfigureAwait(false);
        return last;
    }
}
