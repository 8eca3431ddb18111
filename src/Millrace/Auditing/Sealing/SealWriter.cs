using Millrace.Events;

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
    private readonly LeafAppender _leaves;
    private readonly CanonicalWriter _canonical = new();
    private SealState _state;
    private SealedTree _tree;

    private SealWriter(
        EventStore store, SealSigner signer, int minEvents, LeafAppender leaves, SealState state, SealedTree tree) =>
        (_store, _signer, _minEvents, _leaves, _state, _tree) = (store, signer, minEvents, leaves, state, tree);

    /// <summary>Gets the last seal; null before the first one.</summary>
    public Seal? Last => _state.Last;

    /// <summary>Reads the stored state, and rebuilds it from the log if it is older than the last seal.</summary>
    /// <exception cref="SealStateException">The stored hashes do not have the root of the last seal.</exception>
    public static async ValueTask<SealWriter> Open(
        EventStore store, SealSigner signer, int minEvents, CancellationToken cancellationToken)
    {
        var documents = store.Storage.Documents;
        var state = await SealState.Read(documents, cancellationToken).ConfigureAwait(false);
        var leaves = new LeafAppender(store);
        if (await SealRecovery.FindNewer(store, state, cancellationToken).ConfigureAwait(false) is { } newer)
            state = await new SealRecovery(store, state, leaves).Run(newer, cancellationToken).ConfigureAwait(false);
        var tree = await SealedTree.Load(documents, state.Size, cancellationToken).ConfigureAwait(false);
        if (state.Last is { } last && tree.Root() != last.Root)
            throw new SealStateException($"the stored hashes do not have the root of seal {last.Number}.");
        return new SealWriter(store, signer, minEvents, leaves, state, tree);
    }

    /// <summary>
    /// Seals up to <see cref="MaxEvents"/> events. After an exception the writer must be opened again.
    /// </summary>
    /// <returns>The seal; null if there are not enough events.</returns>
    public async ValueTask<Seal?> SealNext(CancellationToken cancellationToken)
    {
        var head = await _store.Stored.Primary.Log.GetHead(cancellationToken).ConfigureAwait(false);
        if (head.Position < _state.Size)
            throw new SealStateException($"the log ends at {head.Position}, but is sealed up to {_state.Size}.");
        var end = Math.Min(head.Position, _state.Size + MaxEvents);
        var tree = _tree;
        var count = await _leaves.Append(tree, end, cancellationToken).ConfigureAwait(false);
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

    private async ValueTask<(RemovalChain Removals, long Last)> ReadRemovals(CancellationToken cancellationToken)
    {
        var chain = _state.Last?.Removals ?? default;
        var last = _state.LastRemoval;
        while (true)
        {
            var page = await _store.Stored.Primary.Log
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
