namespace Millrace.Auditing.Merkle;

/// <summary>Supplies the hashes of the complete subtrees of a Merkle tree.</summary>
internal interface ISubtreeHashes
{
    /// <summary>Returns the root of a complete subtree.</summary>
    /// <param name="height">The height; a subtree of height 0 is a leaf.</param>
    /// <param name="index">The index among the subtrees of the height, from 0. The first leaf of the subtree is
    /// <c>index × 2^height</c>.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask<Hash256> Get(int height, long index, CancellationToken cancellationToken);
}
