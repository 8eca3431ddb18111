using System.Numerics;

namespace Millrace.Auditing.Merkle;

/// <summary>Creates the proofs of RFC 6962, sections 2.1.1 and 2.1.2, from the hashes of complete subtrees.</summary>
internal sealed class MerkleProver(ISubtreeHashes hashes)
{
    /// <summary>Returns the root of the tree of the first leaves.</summary>
    public ValueTask<Hash256> Root(long size, CancellationToken cancellationToken) =>
        Subtree(0, size, cancellationToken);

    /// <summary>Returns the proof that a leaf is in a tree: the hashes of the siblings up to the root.</summary>
    /// <param name="index">The index of the leaf, from 0.</param>
    /// <param name="size">The number of leaves of the tree.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<IReadOnlyList<Hash256>> Inclusion(
        long index, long size, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var path = new List<Hash256>();
        var (start, length) = (0L, size);
        while (length > 1)
        {
            var left = LeftSize(length);
            var isLeft = index - start < left;
            path.Add(
                isLeft
                    ? await Subtree(start + left, length - left, cancellationToken).ConfigureAwait(false)
                    : await Subtree(start, left, cancellationToken).ConfigureAwait(false));
            (start, length) = isLeft ? (start, left) : (start + left, length - left);
        }
        path.Reverse();
        return path;
    }

    /// <summary>Returns the proof that a tree starts with the leaves of an earlier tree.</summary>
    /// <param name="earlier">The number of leaves of the earlier tree, at least 1.</param>
    /// <param name="size">The number of leaves of the tree.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<IReadOnlyList<Hash256>> Consistency(
        long earlier, long size, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(earlier, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(earlier, size);
        var path = new List<Hash256>();
        var (start, length, isWhole) = (0L, size, true);
        while (earlier - start < length)
        {
            var left = LeftSize(length);
            var isLeft = earlier - start <= left;
            path.Add(
                isLeft
                    ? await Subtree(start + left, length - left, cancellationToken).ConfigureAwait(false)
                    : await Subtree(start, left, cancellationToken).ConfigureAwait(false));
            (start, length, isWhole) = isLeft ? (start, left, isWhole) : (start + left, length - left, false);
        }
        if (!isWhole)
            path.Add(await Subtree(start, length, cancellationToken).ConfigureAwait(false));
        path.Reverse();
        return path;
    }

    /// <summary>Returns the largest power of two that is less than a number above 1.</summary>
    private static long LeftSize(long length) => 1L << BitOperations.Log2((ulong)(length - 1));

    /// <summary>
    /// Returns the root over a range of leaves, which starts at a multiple of the next power of two of its length.
    /// </summary>
    private async ValueTask<Hash256> Subtree(long start, long length, CancellationToken cancellationToken)
    {
        if (length == 0)
            return MerkleHash.Empty;
        if (BitOperations.IsPow2(length))
        {
            var height = BitOperations.Log2((ulong)length);
            return await hashes.Get(height, start >> height, cancellationToken).ConfigureAwait(false);
        }
        var left = LeftSize(length);
        return MerkleHash.Node(
            await Subtree(start, left, cancellationToken).ConfigureAwait(false),
            await Subtree(start + left, length - left, cancellationToken).ConfigureAwait(false));
    }
}
