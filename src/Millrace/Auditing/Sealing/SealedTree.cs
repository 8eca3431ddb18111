using Millrace.Auditing.Merkle;
using Millrace.Storage;

namespace Millrace.Auditing.Sealing;

/// <summary>
/// The right edge of the stored Merkle tree: the last tile of each level. Collects the tiles that appended leaves
/// change. Not thread-safe.
/// </summary>
internal sealed class SealedTree
{
    private readonly List<List<Hash256>> _edge = []; // The hashes of the last tile of each level, fewer than 256.
    private readonly Dictionary<TileKey, IReadOnlyList<Hash256>> _changes = [];

    private SealedTree(long size) => Size = size;

    /// <summary>Gets the number of leaves.</summary>
    public long Size { get; private set; }

    /// <summary>Reads the tree of a size from its tiles.</summary>
    /// <exception cref="SealStateException">A tile is missing or damaged.</exception>
    public static async ValueTask<SealedTree> Load(
        IDocumentStorage documents, long size, CancellationToken cancellationToken)
    {
        var tree = new SealedTree(size);
        for (var level = 0; level < TileKey.LevelsOf(size); level++)
        {
            var tile = new TileKey(level, TileKey.CountAt(level, size) / TileKey.Width);
            var width = tile.WidthIn(size);
            var hashes = width == 0
                ? []
                : await SealStore.ReadTile(documents, tile, cancellationToken).ConfigureAwait(false);
            // A recovery that was interrupted has written more hashes. The root shows whether the first ones are right.
            if (hashes is null || hashes.Length < width)
                throw new SealStateException($"the stored hashes '{tile}' are missing or damaged.");
            tree._edge.Add([.. hashes[..width]]);
        }
        return tree;
    }

    /// <summary>Appends the hash of a leaf.</summary>
    public void Append(Hash256 leaf)
    {
        Size++;
        Add(0, leaf);
    }

    /// <summary>Returns the root of the tree.</summary>
    public Hash256 Root()
    {
        var subtrees = new List<Hash256>();
        for (var level = _edge.Count - 1; level >= 0; level--)
            AddSubtrees(_edge[level], subtrees);
        return new MerkleFrontier(Size, subtrees).Root();
    }

    /// <summary>Returns the changed tiles.</summary>
    public IEnumerable<DocumentChange> Changes() =>
        _changes.Select(change => SealStore.ChangeOf(change.Key, change.Value));

    /// <summary>Forgets the changed tiles, because they are stored.</summary>
    public void AcceptChanges() => _changes.Clear();

    private void Add(int level, Hash256 hash)
    {
        if (level == _edge.Count)
            _edge.Add([]);
        var tile = new TileKey(level, (TileKey.CountAt(level, Size) - 1) / TileKey.Width);
        _edge[level].Add(hash);
        _changes[tile] = _edge[level];
        if (_edge[level].Count < TileKey.Width)
            return;
        var full = _edge[level];
        _edge[level] = [];
        Add(level + 1, RootOf(full, 0, TileKey.Width));
    }

    /// <summary>Adds the roots of the largest complete subtrees over fewer than 256 hashes, in order.</summary>
    private static void AddSubtrees(List<Hash256> hashes, List<Hash256> subtrees)
    {
        var start = 0;
        for (var width = TileKey.Width / 2; width > 0; width /= 2)
        {
            if ((hashes.Count & width) == 0)
                continue;
            subtrees.Add(RootOf(hashes, start, width));
            start += width;
        }
    }

    /// <summary>Returns the root over a number of hashes that is a power of two.</summary>
    public static Hash256 RootOf(IReadOnlyList<Hash256> hashes, int start, int width) =>
        width == 1
            ? hashes[start]
            : MerkleHash.Node(RootOf(hashes, start, width / 2), RootOf(hashes, start + width / 2, width / 2));
}
