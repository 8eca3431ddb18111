namespace Millrace.Auditing.Merkle;

/// <summary>Verifies proofs of Merkle trees as in RFC 9162, sections 2.1.3.2 and 2.1.4.2.</summary>
internal static class MerkleProof
{
    /// <summary>Returns whether a proof shows that a tree contains a leaf.</summary>
    /// <param name="leaf">The hash of the leaf.</param>
    /// <param name="index">The index of the leaf, from 0.</param>
    /// <param name="size">The number of leaves.</param>
    /// <param name="path">The proof.</param>
    /// <param name="root">The root of the tree.</param>
    public static bool IsIncluded(
        Hash256 leaf, long index, long size, IReadOnlyList<Hash256> path, Hash256 root)
    {
        if (index < 0 || index >= size)
            return false;
        var (node, last, hash) = (index, size - 1, leaf);
        foreach (var sibling in path)
        {
            if (last == 0)
                return false;
            if ((node & 1) == 1 || node == last)
            {
                hash = MerkleHash.Node(sibling, hash);
                SkipToRightChild(ref node, ref last);
            }
            else
            {
                hash = MerkleHash.Node(hash, sibling);
            }
            (node, last) = (node >> 1, last >> 1);
        }
        return last == 0 && hash == root;
    }

    /// <summary>Returns whether a proof shows that a tree starts with the leaves of an earlier tree.</summary>
    /// <param name="earlier">The number of leaves of the earlier tree, at least 1.</param>
    /// <param name="earlierRoot">The root of the earlier tree.</param>
    /// <param name="size">The number of leaves of the tree.</param>
    /// <param name="root">The root of the tree.</param>
    /// <param name="path">The proof; empty if both trees have the same size.</param>
    public static bool IsConsistent(
        long earlier, Hash256 earlierRoot, long size, Hash256 root, IReadOnlyList<Hash256> path)
    {
        if (earlier < 1 || earlier > size)
            return false;
        if (earlier == size)
            return path.Count == 0 && earlierRoot == root;
        var (node, last) = (earlier - 1, size - 1);
        for (; (node & 1) == 1; node >>= 1)
            last >>= 1;
        var next = 0;
        if (node != 0 && path.Count == 0)
            return false;
        // The earlier tree is a complete subtree if its size is a power of two. Its root is then not in the proof.
        var hash = node == 0 ? earlierRoot : path[next++];
        var earlierHash = hash;
        for (; next < path.Count; next++)
        {
            if (last == 0)
                return false;
            if ((node & 1) == 1 || node == last)
            {
                earlierHash = MerkleHash.Node(path[next], earlierHash);
                hash = MerkleHash.Node(path[next], hash);
                SkipToRightChild(ref node, ref last);
            }
            else
            {
                hash = MerkleHash.Node(hash, path[next]);
            }
            (node, last) = (node >> 1, last >> 1);
        }
        return last == 0 && earlierHash == earlierRoot && hash == root;
    }

    /// <summary>Moves up while the node is the last one of its level and has no sibling there.</summary>
    private static void SkipToRightChild(ref long node, ref long last)
    {
        while ((node & 1) == 0 && node != 0)
            (node, last) = (node >> 1, last >> 1);
    }
}
