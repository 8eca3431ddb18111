using Millrace.Auditing.Merkle;

namespace Millrace.Tests.Auditing;

/// <summary>The subtrees over a list of leaves, computed by definition.</summary>
internal sealed class SubtreesInMemory(IReadOnlyList<Hash256> leaves) : ISubtreeHashes
{
    public ValueTask<Hash256> Get(int height, long index, CancellationToken cancellationToken) =>
        new(Compute(height, index));

    private Hash256 Compute(int height, long index) =>
        height == 0
            ? leaves[(int)index]
            : MerkleHash.Node(Compute(height - 1, 2 * index), Compute(height - 1, 2 * index + 1));
}
