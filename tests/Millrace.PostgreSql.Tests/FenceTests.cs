using Millrace.Storage;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests the guards on fences, whose versions a node assumes after it has checked them.</summary>
public sealed class FenceTests : StoreTests
{
    private static readonly StreamId First = new("$fences/acme");
    private static readonly StreamId Second = new("$fences/zoo");

    [PostgreSqlFact]
    public async Task One_lookup_is_sufficient_for_all_fences_that_do_not_exist()
    {
        await using var node = await TestData.Open(Database);
        await node.Commit(Append("a", First, 0)); // Reads the facts.

        await node.Commit(Append("a", First, 0));
        await node.Commit(Append("b", Second, 0, isNew: true));
        Assert.Equal(2, node.OptimisticCommits.SingleHits); // These do not check fences.
        await node.Commit(Truncation(new StreamId("a"), before: 2));
        await node.Commit(Append("a", First, 0)); // Reads the facts again after the removal.
        await node.Commit(Append("b", Second, 0));

        Assert.Equal(3, node.OptimisticCommits.SingleHits);
        Assert.True((await node.Maintenance.Verify(null, CancellationToken.None)).IsSound);
    }

    [PostgreSqlFact]
    public async Task The_statement_checks_a_fence_that_is_not_known()
    {
        await using var node = await TestData.Open(Database);
        await using var mover = await TestData.Open(Database);
        await Fence(mover, First);
        await node.Commit(Append("a", First, 2)); // Reads the facts: a fence exists.

        var accepted = await node.Commit(Append("b", Second, 0, isNew: true));
        Assert.Null(accepted.Refusal);
        Assert.Equal((1, 0), (node.OptimisticCommits.Hits, node.OptimisticCommits.SingleHits));
        await node.Commit(Append("b", Second, 0));
        Assert.Equal((2, 1), (node.OptimisticCommits.Hits, node.OptimisticCommits.SingleHits));
        var refused = await node.Commit(Append("c", new StreamId("$fences/pub"), 1, isNew: true));

        Assert.IsType<VersionConflictException>(refused.Refusal);
        Assert.Equal(2, node.OptimisticCommits.Hits);
    }

    [PostgreSqlFact]
    public async Task A_changed_fence_refuses_appends_that_assumed_it()
    {
        await using var node = await TestData.Open(Database);
        await using var mover = await TestData.Open(Database);
        await node.Commit(Append("a", First, 0));
        await node.Commit(Append("a", First, 0));
        Assert.Equal(1, node.OptimisticCommits.Hits);

        await Fence(mover, First);
        var refused = await node.Commit(Append("a", First, 0));
        var other = await node.Commit(Append("b", Second, 0));
        var current = await node.Commit(Append("a", First, 2));
        var fast = node.OptimisticCommits.Hits;
        var assumed = await node.Commit(Append("a", First, 2));

        Assert.Equal(First, Assert.IsType<VersionConflictException>(refused.Refusal).Stream);
        Assert.All(new[] { other, current, assumed }, static one => Assert.Null(one.Refusal));
        Assert.Equal(fast + 1, node.OptimisticCommits.Hits);
    }

    [PostgreSqlFact]
    public async Task A_changed_fence_refuses_commits_of_consumers_that_assumed_it()
    {
        await using var node = await TestData.Open(Database);
        await using var mover = await TestData.Open(Database);
        var lease = await node.Leases.Acquire(
            "consumer", 0, "node-1", TimeSpan.FromMinutes(1), DateTimeOffset.UtcNow, CancellationToken.None);
        await node.Commit(Advance(lease, null, 0, fence: 0));
        await node.Commit(Advance(lease, 0, 1, fence: 0));
        await node.Commit(Advance(lease, 1, 2, fence: 0));
        Assert.True(node.ConsumerCommits.Hits > 0);

        await Fence(mover, First);
        var refused = await node.Commit(Advance(lease, 2, 3, fence: 0));
        var current = await node.Commit(Advance(lease, 2, 3, fence: 2));

        Assert.Equal(First, Assert.IsType<VersionConflictException>(refused.Refusal).Stream);
        Assert.Null(current.Refusal);
    }

    /// <summary>
    /// Changes a fence as a move does: the second event has an effect because the first one is removed.
    /// </summary>
    private static async Task Fence(PostgreSqlStorage mover, StreamId fence)
    {
        for (var i = 0; i < 2; i++)
            await mover.Commit(TestData.Append(fence.Value, ExpectedVersion.Any, TestData.Event()));
        await mover.Commit(Truncation(fence, before: 2));
    }

    private static CommitRequest Append(string stream, StreamId fence, long version, bool isNew = false) => new()
    {
        Appends = TestData
            .Append(stream, isNew ? ExpectedVersion.NoStream : ExpectedVersion.Any, TestData.Event())
            .Appends,
        Guards = [new StreamGuard(fence, version) { IsFence = true }],
    };

    private static CommitRequest Advance(ConsumerRecord lease, long? from, long to, long fence) => new()
    {
        Checkpoint = new CheckpointMove("consumer", 0, lease.LeaseEpoch, from, to),
        Guards = [new StreamGuard(First, fence) { IsFence = true }],
    };

    private static CommitRequest Truncation(StreamId stream, long before) => new()
    {
        Removals = [new StreamRemoval(stream, RemovalKind.Truncate, before, ExpectedVersion.Any, "old", By: null)],
    };
}
