using Millrace.Storage;

namespace Millrace.Auditing.Sealing;

/// <summary>
/// Rebuilds the stored hashes from the log if they are older than the last seal in it, as after a restore whose rows
/// are older than its events. The signed root of the last seal proves that the result is the same.
/// </summary>
internal sealed class SealRecovery(EventStore store, SealState state, LeafAppender leaves)
{
    private readonly CanonicalWriter _canonical = new();

    /// <summary>Returns the last seal in the log if the state is older; null if it is not.</summary>
    public static async ValueTask<Seal?> FindNewer(
        EventStore store, SealState state, CancellationToken cancellationToken)
    {
        var query = new StreamPageQuery(SealStore.Stream, long.MaxValue, IsBackwards: true, Limit: 1);
        var page = await store.Stored.Primary.Log.ReadStream(query, cancellationToken).ConfigureAwait(false);
        if (page.Events.Count == 0 || page.Events[0].Version <= state.Number)
            return null;
        return SealJson.TryRead(page.Events[0].Payload, out var last)
            ? last
            : throw new SealStateException($"seal {page.Events[0].Version} cannot be read.");
    }

    /// <summary>Writes the hashes of the events up to the last seal, and returns the new state.</summary>
    /// <exception cref="SealStateException">The hashes do not have the root of the seal, because events were removed or
    /// changed.</exception>
    public async ValueTask<SealState> Run(Seal last, CancellationToken cancellationToken)
    {
        var documents = store.Storage.Documents;
        var tree = await SealedTree.Load(documents, state.Size, cancellationToken).ConfigureAwait(false);
        var lastRemoval = await FindLastRemoval(last, cancellationToken).ConfigureAwait(false);
        while (tree.Size < last.Size)
        {
            var end = Math.Min(last.Size, tree.Size + SealWriter.MaxEvents);
            await leaves.Append(tree, end, cancellationToken).ConfigureAwait(false);
            if (tree.Size < last.Size)
                await Commit([.. tree.Changes()], cancellationToken).ConfigureAwait(false);
            else if (tree.Root() != last.Root)
                throw new SealStateException(
                    $"the hashes of the events do not have the root of seal {last.Number}, and the stored hashes end "
                        + $"at seal {state.Number}.");
            else
                await Commit(
                    [.. tree.Changes(), (state with { Last = last, LastRemoval = lastRemoval }).Change()],
                    cancellationToken).ConfigureAwait(false);
            tree.AcceptChanges();
        }
        return await SealState.Read(documents, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<long> FindLastRemoval(Seal last, CancellationToken cancellationToken)
    {
        const int PageRemovals = 512;
        var (chain, number) = (state.Last?.Removals ?? default, state.LastRemoval);
        while (chain.Count < last.Removals.Count)
        {
            var page = await store.Stored.Primary.Log
                .ReadRemovals(number, PageRemovals, cancellationToken)
                .ConfigureAwait(false);
            foreach (var removal in page.Removals.Take((int)Math.Min(PageRemovals, last.Removals.Count - chain.Count)))
                (chain, number) = (chain.Add(removal.Record, _canonical), removal.Number);
            if (page.Removals.Count < PageRemovals)
                break;
        }
        return chain == last.Removals
            ? number
            : throw new SealStateException($"the records of removals are not those of seal {last.Number}.");
    }

    private async ValueTask Commit(DocumentChange[] changes, CancellationToken cancellationToken) => await store
        .Commit(new CommitRequest { Documents = changes }, isBackground: true, cancellationToken)
        .ConfigureAwait(false);
}
