using Millrace.Auditing.Merkle;
using Millrace.Storage;

namespace Millrace.Auditing.Sealing;

/// <summary>
/// Reads the stored hashes in the order of the log, and checks that the hashes of each level belong to the level below.
/// </summary>
/// <param name="documents">The documents; null if the collection does not exist.</param>
/// <param name="findings">Receives the findings.</param>
/// <param name="size">The number of sealed positions.</param>
internal sealed class TileChecker(IDocumentStorage? documents, FindingList findings, long size)
{
    private readonly List<(TileKey Tile, Hash256[]? Hashes)> _current = []; // The current tile of each level.
    private readonly List<List<Hash256>> _below = []; // The added hashes of the current tile of each level.
    private readonly List<long> _counts = []; // The number of added hashes of each level.
    private readonly List<(TileKey Tile, int Width)> _wider = []; // Tiles with more hashes than the tree.

    /// <summary>Returns the stored hash of a leaf; null if it is missing or not sealed.</summary>
    public ValueTask<Hash256?> LeafAt(long position, CancellationToken cancellationToken) =>
        position <= size ? At(0, position - 1, cancellationToken) : new((Hash256?)null);

    /// <summary>Adds the hash of the next leaf, and checks the levels above.</summary>
    public ValueTask Add(Hash256 leaf, CancellationToken cancellationToken) => Add(0, leaf, cancellationToken);

    /// <summary>Returns the number of stored documents.</summary>
    public async ValueTask<long> Count(CancellationToken cancellationToken) =>
        documents is null
            ? 0
            : await documents.Count(SealStore.CollectionName, [], cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Checks that there are no other hashes and documents than those of the tree and its state. Seals that were made
    /// during the verification can have added some.
    /// </summary>
    /// <param name="count">The number of documents.</param>
    /// <param name="lastSize">The number of sealed positions at the end of the verification.</param>
    public void Finish(long count, long lastSize)
    {
        foreach (var (tile, width) in _wider)
        {
            if (width > tile.WidthIn(lastSize))
                ReportWidth(tile, width);
        }
        var (least, most) = (DocumentsOf(size), DocumentsOf(lastSize));
        if (count < least || count > most)
            findings.Add(
                SealFindingKind.HashChanged,
                $"The collection '{SealStore.CollectionName}' has {count} documents instead of {most}.");
    }

    private static long DocumentsOf(long size)
    {
        var documents = size == 0 ? 0L : 1; // The state.
        for (var level = 0; level < TileKey.LevelsOf(size); level++)
            documents += (TileKey.CountAt(level, size) + TileKey.Width - 1) / TileKey.Width;
        return documents;
    }

    private async ValueTask Add(int level, Hash256 hash, CancellationToken cancellationToken)
    {
        if (level == _below.Count)
        {
            _below.Add([]);
            _counts.Add(0);
        }
        _counts[level]++;
        var passed = _below[level];
        passed.Add(hash);
        if (passed.Count < TileKey.Width)
            return;
        var root = SealedTree.RootOf(passed, 0, TileKey.Width);
        passed.Clear();
        var index = _counts[level] / TileKey.Width - 1;
        var stored = index < TileKey.CountAt(level + 1, size)
            ? await At(level + 1, index, cancellationToken).ConfigureAwait(false)
            : null;
        if (stored is { } other && other != root)
            findings.Add(
                SealFindingKind.HashChanged,
                $"Hash {index} of level {level + 1} does not belong to the hashes of the level below.");
        await Add(level + 1, root, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<Hash256?> At(int level, long index, CancellationToken cancellationToken)
    {
        var tile = new TileKey(level, index / TileKey.Width);
        if (level == _current.Count)
            _current.Add((tile, await Read(tile, cancellationToken).ConfigureAwait(false)));
        else if (_current[level].Tile != tile)
            _current[level] = (tile, await Read(tile, cancellationToken).ConfigureAwait(false));
        var (hashes, offset) = (_current[level].Hashes, (int)(index % TileKey.Width));
        return hashes is null || offset >= hashes.Length ? null : hashes[offset];
    }

    private async ValueTask<Hash256[]?> Read(TileKey tile, CancellationToken cancellationToken)
    {
        var hashes = documents is null
            ? null
            : await SealStore.ReadTile(documents, tile, cancellationToken).ConfigureAwait(false);
        if (hashes is null)
            findings.Add(SealFindingKind.HashChanged, $"The stored hashes '{tile}' are missing or damaged.");
        else if (hashes.Length < tile.WidthIn(size))
            ReportWidth(tile, hashes.Length);
        else if (hashes.Length > tile.WidthIn(size))
            _wider.Add((tile, hashes.Length)); // Perhaps a seal was made meanwhile.
        return hashes;
    }

    private void ReportWidth(TileKey tile, int width) =>
        findings.Add(
            SealFindingKind.HashChanged, $"'{tile}' has {width} hashes instead of {tile.WidthIn(size)}.");
}
