using Millrace.Auditing.Merkle;
using Millrace.Auditing.Sealing;
using Millrace.Storage;

namespace Millrace;

/// <summary>Verifies the seals of a log, and proves that they cover events. Changes nothing.</summary>
public sealed class LogSeals
{
    private readonly EventStore _store;

    /// <summary>Creates the verification of a store's log.</summary>
    public LogSeals(EventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        _store = store;
    }

    /// <summary>
    /// Reads the whole log and compares it with the stored hashes, all seals, the records of removals and the anchors.
    /// </summary>
    /// <param name="evidence">The public keys and the anchors.</param>
    /// <param name="progress">Receives the progress; may be null.</param>
    /// <param name="cancellationToken">Cancels the verification.</param>
    /// <exception cref="SealKeyException">A key cannot be read.</exception>
    /// <exception cref="IOException">A file with anchors cannot be read.</exception>
    public async Task<SealReport> Verify(
        SealEvidence evidence,
        IProgress<MaintenanceProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(evidence);
        return await new SealVerifier(_store, evidence, progress).Run(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns the last sealed position without verification; null if the stored state is damaged.</summary>
    internal async Task<long?> FindSealedThrough(CancellationToken cancellationToken)
    {
        var documents = _store.Storage.Documents;
        if (!await SealStore.Exists(documents, cancellationToken).ConfigureAwait(false))
            return 0;
        try
        {
            return (await SealState.Read(documents, cancellationToken).ConfigureAwait(false)).Size;
        }
        catch (SealStateException)
        {
            return null;
        }
    }

    /// <summary>Returns the proof that the last seal covers the event at a position.</summary>
    /// <exception cref="PositionNotSealedException">No seal covers the position.</exception>
    /// <exception cref="SealStateException">The event or the stored hashes do not have the sealed root.</exception>
    public async Task<InclusionProof> Prove(long position, CancellationToken cancellationToken = default)
    {
        try
        {
            return await ProveSealed(position, cancellationToken).ConfigureAwait(false);
        }
        catch (SealStateException exception)
        {
            throw new SealStateException(position, exception);
        }
    }

    private async ValueTask<InclusionProof> ProveSealed(long position, CancellationToken cancellationToken)
    {
        var documents = _store.Storage.Documents;
        if (!await SealStore.Exists(documents, cancellationToken).ConfigureAwait(false))
            throw new PositionNotSealedException(position, 0);
        var state = await SealState.Read(documents, cancellationToken).ConfigureAwait(false);
        if (state.Last is not { } seal || position < 1 || position > seal.Size)
            throw new PositionNotSealedException(position, state.Size);
        var tiles = new TileReader(documents);
        var stored = await tiles.Get(0, position - 1, cancellationToken).ConfigureAwait(false);
        var query = new LogPageQuery(EventFilter.All, position, IsBackwards: false, Limit: 1);
        var page = await _store.Stored.Primary.Log.ReadLog(query, cancellationToken).ConfigureAwait(false);
        var recorded = page.Events.Count > 0 && page.Events[0].Position == position ? page.Events[0] : null;
        var leaf = recorded is null ? null : new LeafEncoder().Encode(recorded).ToArray();
        var path = await new MerkleProver(tiles)
            .Inclusion(position - 1, seal.Size, cancellationToken)
            .ConfigureAwait(false);
        if (leaf is not null && MerkleHash.Leaf(leaf) != stored)
            throw new SealStateException($"the event at position {position} does not have its sealed hash.");
        if (!MerkleProof.IsIncluded(stored, position - 1, seal.Size, path, seal.Root))
            throw new SealStateException($"the stored hashes do not have the root of seal {seal.Number}.");
        return new InclusionProof(position, leaf, stored, path, seal);
    }
}
