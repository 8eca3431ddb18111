using Millrace.Events;
using Millrace.Storage;

namespace Millrace.Auditing.Sealing;

/// <summary>
/// Seals the events that are not sealed yet: one commit writes the hashes, the seal and the new state. If another node
/// was faster, the store refuses the commit. Not thread-safe.
/// </summary>
internal sealed class SealWriter
{
    /// <summary>The maximum number of events in one seal, which bounds the size of its commit.</summary>
    internal const int MaxEvents = TileKey.Width * TileKey.Width;

    private const int PageEvents = 512;

    private readonly EventStore _store;
    private readonly SealSigner _signer;
    private readonly int _minEvents;
    private readonly LeafEncoder _leaves = new();
    private readonly CanonicalWriter _canonical = new();
    private SealState _state;
    private SealedTree _tree;

    private SealWriter(EventStore store, SealSigner signer, int minEvents, SealState state, SealedTree tree) =>
        (_store, _signer, _minEvents, _state, _tree) = (store, signer, minEvents, state, tree);

    /// <summary>Gets the last seal; null before the first one.</summary>
    public Seal? Last => _state.Last;

    /// <summary>Reads the stored state.</summary>
    /// <exception cref="SealStateException">The stored hashes do not have the root of the last seal.</exception>
    public static async ValueTask<SealWriter> Open(
        EventStore store, SealSigner signer, int minEvents, CancellationToken cancellationToken)
    {
        var documents = store.Storage.Documents;
        var state = await SealState.Read(documents, cancellationToken).ConfigureAwait(false);
        var tree = await SealedTree.Load(documents, state.Size, cancellationToken).ConfigureAwait(false);
        if (state.Last is { } last && tree.Root() != last.Root)
            throw new SealStateException($"the stored hashes do not have the root of seal {last.Number}.");
        return new SealWriter(store, signer, minEvents, state, tree);
    }

    /// <summary>
    /// Seals up to <see cref="MaxEvents"/> events. After an exception the writer must be opened again.
    /// </summary>
    /// <returns>The seal; null if there are not enough events.</returns>
    public async ValueTask<Seal?> SealNext(CancellationToken cancellationToken)
    {
        var head = await _store.Stored.Storage.Log.GetHead(cancellationToken).ConfigureAwait(false);
        if (head.Position < _state.Size)
            throw new SealStateException($"the log ends at {head.Position}, but is sealed up to {_state.Size}.");
        var end = Math.Min(head.Position, _state.Size + MaxEvents);
        var tree = _tree;
        var count = await AppendLeaves(tree, end, cancellationToken).ConfigureAwait(false);
        var isFull = end - _state.Size == MaxEvents; // More events cannot wait.
        if (count < _minEvents && !isFull)
        {
            // The leaves are dropped and read again with the next events.
            _tree = await SealedTree
                .Load(_store.Storage.Documents, _state.Size, cancellationToken)
                .ConfigureAwait(false);
            return null;
        }
        var (removals, lastRemoval) = await ReadRemovals(cancellationToken).ConfigureAwait(false);
        var seal = _signer.Sign(Next(head.Epoch, tree, removals));
        await Commit(seal, lastRemoval, tree, cancellationToken).ConfigureAwait(false);
        return seal;
    }

    /// <summary>Appends the leaves up to a position. Returns the number of events that are not seals.</summary>
    private async ValueTask<int> AppendLeaves(SealedTree tree, long end, CancellationToken cancellationToken)
    {
        if (tree.Size >= end)
            return 0;
        var query = new LogPageQuery(EventFilter.All, tree.Size + 1, IsBackwards: false, PageEvents);
        var pages = _store.Stored.Storage.Log.ReadPages(query);
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
        var page = await _store.Stored.Storage.Log.ReadLog(query, cancellationToken).ConfigureAwait(false);
        if (page.Events.Count > 0 && page.Events[0].Position <= end)
            throw new SealStateException($"the positions from {first} to {end} were read with different results.");
        while (tree.Size < end)
            tree.Append(_leaves.HashRemoved(tree.Size + 1));
    }

    private async ValueTask<(RemovalChain Removals, long Last)> ReadRemovals(CancellationToken cancellationToken)
    {
        var chain = _state.Last?.Removals ?? default;
        var last = _state.LastRemoval;
        while (true)
        {
            var page = await _store.Stored.Storage.Log
                .ReadRemovals(last, PageEvents, cancellationToken)
                .ConfigureAwait(false);
            foreach (var removal in page.Removals)
                (chain, last) = (chain.Add(removal.Record, _canonical), removal.Number);
            if (page.Removals.Count < PageEvents)
                return (chain, last);
        }
    }

    private Seal Next(long epoch, SealedTree tree, RemovalChain removals)
    {
        var now = _store.Time.GetUtcNow();
        return new Seal
        {
            Log = _state.Last?.Log ?? Guid.CreateVersion7(now),
            Number = _state.Number + 1,
            Epoch = epoch,
            Size = tree.Size,
            Root = tree.Root(),
            Removals = removals,
            Previous = _state.Last?.Hash ?? default,
            Time = new DateTimeOffset(now.UtcTicks - now.UtcTicks % TimeSpan.TicksPerMicrosecond, TimeSpan.Zero),
            Key = _signer.KeyId,
        };
    }

    private async ValueTask Commit(Seal seal, long lastRemoval, SealedTree tree, CancellationToken cancellationToken)
    {
        var recorded = NewEvent.FromBytes(PlatformEvents.SealMade, SealJson.Write(seal));
        var expected = seal.Number == 1 ? ExpectedVersion.NoStream : ExpectedVersion.Exactly(seal.Number - 1);
        var request = new AppendRequest().ToReserved(SealStore.Stream, expected, recorded);
        var state = _state with { Last = seal, LastRemoval = lastRemoval };
        request.With(state.Change());
        foreach (var tile in tree.Changes())
            request.With(tile);
        // A background request never takes the place of an append in a full queue.
        var outcome = await _store
            .Commit(_store.Encode(request), isBackground: true, cancellationToken)
            .ConfigureAwait(false);
        tree.AcceptChanges();
        _state = outcome.DocumentVersion > 0
            ? state with { Version = outcome.DocumentVersion }
            : await SealState.Read(_store.Storage.Documents, cancellationToken).ConfigureAwait(false);
    }
}
