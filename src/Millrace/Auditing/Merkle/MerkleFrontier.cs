namespace Millrace.Auditing.Merkle;

/// <summary>
/// The right edge of a Merkle tree: the roots of its largest complete subtrees. It is enough to append leaves and to
/// compute the root, in space that grows with the logarithm of the number of leaves. Not thread-safe.
/// </summary>
internal sealed class MerkleFrontier
{
    private readonly List<Hash256> _subtrees = []; // From left to right. Their sizes are the bits of the tree's size.

    /// <summary>Creates the frontier of an empty tree.</summary>
    public MerkleFrontier()
    {
    }

    /// <summary>Creates the frontier of a tree from its largest complete subtrees.</summary>
    /// <param name="size">The number of leaves.</param>
    /// <param name="subtrees">The roots of the subtrees, from left to right: one for each bit of the size.</param>
    public MerkleFrontier(long size, IEnumerable<Hash256> subtrees)
    {
        _subtrees.AddRange(subtrees);
        Size = size;
        if (long.PopCount(size) != _subtrees.Count)
            throw new ArgumentException(
                $"A tree of {size} leaves has {long.PopCount(size)} complete subtrees, not {_subtrees.Count}.",
                nameof(subtrees));
    }

    /// <summary>Gets the number of leaves.</summary>
    public long Size { get; private set; }

    /// <summary>Appends the hash of a leaf.</summary>
    public void Append(Hash256 leaf)
    {
        Size++;
        var hash = leaf;
        for (var rest = Size; (rest & 1) == 0; rest >>= 1)
        {
            hash = MerkleHash.Node(_subtrees[^1], hash);
            _subtrees.RemoveAt(_subtrees.Count - 1);
        }
        _subtrees.Add(hash);
    }

    /// <summary>Returns a copy, to which leaves can be appended separately.</summary>
    public MerkleFrontier Copy() => new(Size, _subtrees);

    /// <summary>Returns the root of the tree.</summary>
    public Hash256 Root()
    {
        if (_subtrees.Count == 0)
            return MerkleHash.Empty;
        var root = _subtrees[^1];
        for (var i = _subtrees.Count - 2; i >= 0; i--)
            root = MerkleHash.Node(_subtrees[i], root);
        return root;
    }
}
