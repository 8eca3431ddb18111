using FsCheck;
using FsCheck.Fluent;
using Millrace.Auditing.Merkle;

namespace Millrace.Tests.Auditing;

/// <summary>Properties of the proofs of Merkle trees of any size.</summary>
public sealed class MerkleProperties
{
    private const int MaxSize = 600;

    private static readonly Hash256[] Leaves =
        [.. Enumerable.Range(0, MaxSize).Select(number => MerkleHash.Leaf(BitConverter.GetBytes(number)))];

    private static readonly MerkleProver Prover = new(new SubtreesInMemory(Leaves));

    private static readonly Hash256[] Roots = RootsOfAll();

    // The index of a leaf, the size of a tree, and the size of a larger or equal tree; and a number that selects a
    // change.
    private static readonly Arbitrary<(int Index, int Size, int Later, int Change)> Cases = (
        from later in Gen.Choose(1, MaxSize)
        from size in Gen.Choose(1, later)
        from index in Gen.Choose(0, size - 1)
        from change in Gen.Choose(0, int.MaxValue)
        select (index, size, later, change)).ToArbitrary();

    [Fact]
    public void Each_leaf_has_a_valid_inclusion_proof() => Check(one =>
        MerkleProof.IsIncluded(Leaves[one.Index], one.Index, one.Size, Inclusion(one), Roots[one.Size]));

    [Fact]
    public void Each_tree_is_consistent_with_each_later_tree() => Check(one =>
        MerkleProof.IsConsistent(one.Size, Roots[one.Size], one.Later, Roots[one.Later], Consistency(one)));

    [Fact]
    public void An_inclusion_proof_is_invalid_for_another_leaf_index_size_or_root() => Check(one =>
    {
        var path = Inclusion(one);
        var (leaf, root) = (Leaves[one.Index], Roots[one.Size]);
        var otherIndex = Other(one.Change, one.Size, one.Index);
        return !MerkleProof.IsIncluded(Changed(leaf, one.Change), one.Index, one.Size, path, root)
            && (otherIndex == one.Index || !MerkleProof.IsIncluded(leaf, otherIndex, one.Size, path, root))
            && !MerkleProof.IsIncluded(leaf, one.Size, one.Size, path, root)
            && !MerkleProof.IsIncluded(leaf, -1, one.Size, path, root)
            && !MerkleProof.IsIncluded(leaf, one.Index, one.Size, path, Changed(root, one.Change))
            && (one.Later == one.Size
                || !MerkleProof.IsIncluded(leaf, one.Index, one.Size, path, Roots[one.Later]));
    });

    [Fact]
    public void A_changed_shortened_or_extended_inclusion_proof_is_invalid() => Check(one =>
        Changes(Inclusion(one), one.Change)
            .All(path => !MerkleProof.IsIncluded(Leaves[one.Index], one.Index, one.Size, path, Roots[one.Size])));

    [Fact]
    public void A_changed_shortened_or_extended_consistency_proof_is_invalid() => Check(one =>
        Changes(Consistency(one), one.Change).All(path =>
            !MerkleProof.IsConsistent(one.Size, Roots[one.Size], one.Later, Roots[one.Later], path)));

    [Fact]
    public void A_consistency_proof_is_invalid_for_another_root() => Check(one =>
    {
        var path = Consistency(one);
        var (earlier, later) = (Roots[one.Size], Roots[one.Later]);
        return !MerkleProof.IsConsistent(one.Size, Changed(earlier, one.Change), one.Later, later, path)
            && !MerkleProof.IsConsistent(one.Size, earlier, one.Later, Changed(later, one.Change), path)
            && !MerkleProof.IsConsistent(0, earlier, one.Later, later, path)
            && !MerkleProof.IsConsistent(one.Later + 1, earlier, one.Later, later, path);
    });

    private static void Check(Func<(int Index, int Size, int Later, int Change), bool> holds) =>
        Prop.ForAll(Cases, holds).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    private static IReadOnlyList<Hash256> Inclusion((int Index, int Size, int Later, int Change) one) =>
        Completed(Prover.Inclusion(one.Index, one.Size, default));

    private static IReadOnlyList<Hash256> Consistency((int Index, int Size, int Later, int Change) one) =>
        Completed(Prover.Consistency(one.Size, one.Later, default));

    // The hashes are in memory, so that each proof is complete when it is returned.
    private static IReadOnlyList<Hash256> Completed(ValueTask<IReadOnlyList<Hash256>> proof)
    {
        Assert.True(proof.IsCompletedSuccessfully);
        return proof.GetAwaiter().GetResult();
    }

    private static IEnumerable<IReadOnlyList<Hash256>> Changes(IReadOnlyList<Hash256> path, int change)
    {
        yield return [.. path, Leaves[change % MaxSize]];
        if (path.Count == 0)
            yield break;
        yield return [.. path.Take(path.Count - 1)];
        yield return [.. path.Skip(1)];
        var index = change % path.Count;
        yield return [.. path.Select((hash, i) => i == index ? Changed(hash, change) : hash)];
        if (path.Count > 1)
            yield return [path[1], path[0], .. path.Skip(2)];
    }

    private static int Other(int change, int count, int than) => (than + 1 + change % count) % count;

    private static Hash256 Changed(Hash256 hash, int change)
    {
        var bytes = new byte[Hash256.Length];
        hash.CopyTo(bytes);
        bytes[change % bytes.Length] ^= (byte)(1 << (change / bytes.Length % 8));
        return new Hash256(bytes);
    }

    private static Hash256[] RootsOfAll()
    {
        var frontier = new MerkleFrontier();
        var roots = new List<Hash256> { frontier.Root() };
        foreach (var leaf in Leaves)
        {
            frontier.Append(leaf);
            roots.Add(frontier.Root());
        }
        return [.. roots];
    }
}
