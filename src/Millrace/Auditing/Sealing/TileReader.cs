using Millrace.Auditing.Merkle;
using Millrace.Storage;

namespace Millrace.Auditing.Sealing;

/// <summary>Reads the hashes of complete subtrees from the stored tiles. Not thread-safe.</summary>
internal sealed class TileReader(IDocumentStorage documents) : ISubtreeHashes
{
    private readonly Dictionary<TileKey, Hash256[]> _read = [];

    public async ValueTask<Hash256> Get(int height, long index, CancellationToken cancellationToken)
    {
        var (level, rest) = (height / TileKey.Height, height % TileKey.Height);
        var first = index << rest;
        var tile = new TileKey(level, first / TileKey.Width);
        if (!_read.TryGetValue(tile, out var hashes))
        {
            hashes = await SealStore.ReadTile(documents, tile, cancellationToken).ConfigureAwait(false) ?? [];
            _read[tile] = hashes;
        }
        var (start, width) = ((int)(first % TileKey.Width), 1 << rest);
        return start + width <= hashes.Length
            ? SealedTree.RootOf(hashes, start, width)
            : throw new SealStateException($"the stored hashes '{tile}' are missing or damaged.");
    }
}
