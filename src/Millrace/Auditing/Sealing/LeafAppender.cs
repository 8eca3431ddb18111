using Millrace.Events;
using Millrace.Storage;

namespace Millrace.Auditing.Sealing;

/// <summary>Appends the leaves of events to the tree. Not thread-safe.</summary>
internal sealed class LeafAppender(EventStore store)
{
    private const int PageEvents = 512;

    private readonly LeafEncoder _leaves = new();

    /// <summary>Appends the leaves up to a position. Returns the number of events that are not seals.</summary>
    public async ValueTask<int> Append(SealedTree tree, long end, CancellationToken cancellationToken)
    {
        if (tree.Size >= end)
            return 0;
        var query = new LogPageQuery(EventFilter.All, tree.Size + 1, IsBackwards: false, PageEvents);
        var pages = store.Stored.Primary.Log.ReadPages(query);
        await using var disposal = pages.ConfigureAwait(false);
        var count = 0;
        while (tree.Size < end)
        {
            var page = await pages.Next(cancellationToken).ConfigureAwait(false);
            foreach (var recorded in page.Events)
            {
                if (recorded.Position > end)
                    break;
                await AppendRemoved(tree, recorded.Position - 1, cancellationToken).ConfigureAwait(false);
                tree.Append(_leaves.Hash(recorded));
                if (recorded.Type != PlatformEvents.SealMade)
                    count++;
            }
            if (page.IsEnd || page.Events.Count > 0 && page.Events[^1].Position >= end)
                break;
        }
        await AppendRemoved(tree, end, cancellationToken).ConfigureAwait(false);
        return count;
    }

    /// <summary>Appends the leaves of removed events up to a position. Reads the positions again, because the leaves
    /// are permanent.</summary>
    private async ValueTask AppendRemoved(SealedTree tree, long end, CancellationToken cancellationToken)
    {
        if (tree.Size >= end)
            return;
        var first = tree.Size + 1;
        var query = new LogPageQuery(EventFilter.All, first, IsBackwards: false, Limit: 1) { IsBrief = true };
        var page = await store.Stored.Primary.Log.ReadLog(query, cancellationToken).ConfigureAwait(false);
        if (page.Events.Count > 0 && page.Events[0].Position <= end)
            throw new SealStateException($"the positions from {first} to {end} were read with different results.");
        while (tree.Size < end)
            tree.Append(_leaves.HashRemoved(tree.Size + 1));
    }
}
