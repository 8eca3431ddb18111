using Millrace.PostgreSql.Connections;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.PostgreSql.Tests;

/// <summary>
/// Tests that a single node does not query the versions of streams that it wrote last, and detects the writes of other
/// nodes.
/// </summary>
public sealed class StreamVersionCacheTests : StoreTests
{
    [PostgreSqlFact]
    public async Task A_single_node_does_not_look_up_streams_that_it_wrote_last()
    {
        await using var node = await OpenAlone();
        await node.Commit(TestData.Append("a", ExpectedVersion.NoStream, TestData.Event()));
        await node.Commit(TestData.Append("b", ExpectedVersion.NoStream, TestData.Event()));

        await node.Commit(TestData.Append("a", ExpectedVersion.Exactly(1), TestData.Event()));
        await CommitTogether(node, ("a", ExpectedVersion.Exactly(2)), ("b", ExpectedVersion.Any));

        Assert.Equal(2, node.OptimisticCommits.HitsWithoutLookup);

        // The stream c is new to the node.
        await CommitTogether(node, ("a", ExpectedVersion.Exactly(3)), ("c", ExpectedVersion.NoStream));
        await using var other = await TestData.Open(Database);
        await Eventually.Until(() => !node.Changes.IsAlone);
        await CommitTogether(node, ("a", ExpectedVersion.Exactly(4)), ("b", ExpectedVersion.Exactly(2)));

        Assert.Equal(2, node.OptimisticCommits.HitsWithoutLookup);
        Assert.Equal(5, (await Head(node, "a")).Version);
        Assert.True((await node.Maintenance.Verify(null, CancellationToken.None)).IsSound);
    }

    [PostgreSqlTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_unnotified_write_is_detected(bool isTogether)
    {
        await using var node = await OpenAlone();
        await CommitTogether(node, ("a", ExpectedVersion.NoStream), ("b", ExpectedVersion.NoStream));
        await using var silentNode = await OpenWithoutListener();
        await CommitTogether(silentNode, ("a", ExpectedVersion.Exactly(1)), ("b", ExpectedVersion.Exactly(1)));
        Assert.True(node.Changes.IsAlone, "The node has received a notification of the other node.");

        var stale = await CommitFirst(node, isTogether, ("a", ExpectedVersion.Exactly(1)), ("b", ExpectedVersion.Any));

        Assert.Equal(2, Assert.IsType<VersionConflictException>(stale[0].Refusal).Actual);
        Assert.Equal(isTogether ? 3 : 2, (await Head(node, "b")).Version);
        Assert.Equal(2, (await Head(node, "a")).Version);
        Assert.True((await node.Maintenance.Verify(null, CancellationToken.None)).IsSound);
    }

    [PostgreSqlFact]
    public async Task A_commit_is_refused_only_after_a_lookup_of_the_version()
    {
        await using var node = await OpenAlone();
        await CommitTogether(node, ("a", ExpectedVersion.NoStream), ("b", ExpectedVersion.NoStream));
        await using var silentNode = await OpenWithoutListener();
        await CommitTogether(silentNode, ("a", ExpectedVersion.Exactly(1)));

        var outcomes = await node.CommitTogether(
            TestData.Append("b", ExpectedVersion.Any, TestData.Event()),
            new CommitRequest { Appends = [ToBoth("a"), ToBoth("b")] },
            TestData.Append("a", ExpectedVersion.Exactly(2), TestData.Event()));

        Assert.Equal(
            [CommitResult.Committed, CommitResult.Refused, CommitResult.Committed],
            outcomes.Select(static outcome => outcome.Result));
        Assert.Equal(3, (await Head(node, "a")).Version);

        static StreamAppend ToBoth(string stream) =>
            new(new StreamId(stream), ExpectedVersion.Exactly(1), [TestData.Event()]);
    }

    [PostgreSqlTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stream_closed_without_a_notification_accepts_no_events(bool isTogether)
    {
        await using var node = await OpenAlone();
        await CommitTogether(node, ("a", ExpectedVersion.NoStream), ("b", ExpectedVersion.NoStream));
        await using var silentNode = await OpenWithoutListener();
        await silentNode.Commit(
            new CommitRequest
            {
                Removals =
                [
                    new StreamRemoval(new StreamId("a"), RemovalKind.Tombstone, 0, ExpectedVersion.Any, "why", null),
                ],
            }
        );

        var refused = await CommitFirst(
            node, isTogether, ("a", ExpectedVersion.Exactly(1)), ("b", ExpectedVersion.Exactly(1)));

        Assert.IsType<StreamDeletedException>(refused[0].Refusal);
        Assert.Equal(isTogether ? 2 : 1, (await Head(node, "b")).Version);
    }

    /// <summary>The log is as after the restore of a backup under a running node, which is not allowed.</summary>
    [PostgreSqlTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_log_that_lost_its_last_events_gets_no_gap(bool isTogether)
    {
        await using var node = await OpenAlone();
        await CommitTogether(node, ("a", ExpectedVersion.NoStream), ("b", ExpectedVersion.NoStream));
        await node.Commit(TestData.Append("a", ExpectedVersion.Exactly(1), TestData.Event()));
        await (await TestServer.Server).Execute("DELETE FROM millrace.events WHERE position = 4", Database);

        var lost = await CommitFirst(
            node, isTogether, ("a", ExpectedVersion.Exactly(2)), ("b", ExpectedVersion.Exactly(1)));

        Assert.Equal(1, Assert.IsType<VersionConflictException>(lost[0].Refusal).Actual);
        var next = await CommitTogether(node, ("a", ExpectedVersion.Exactly(1)));
        Assert.Equal((CommitResult.Committed, 2L), (next[0].Result, next[0].Placements[0].LastVersion));
        Assert.True((await node.Maintenance.Verify(null, CancellationToken.None)).IsSound);
    }

    private async Task<PostgreSqlStorage> OpenAlone()
    {
        var node = await TestData.Open(Database);
        await Eventually.Until(() => node.Changes.IsAlone);
        // The commit uses the general path, and reads the end of the log.
        await node.Commit(TestData.Append("first", ExpectedVersion.NoStream, TestData.Event()));
        return node;
    }

    /// <summary>
    /// Opens a node that neither listens nor notifies, because it shares a connection limit with other databases.
    /// </summary>
    private async Task<PostgreSqlStorage> OpenWithoutListener()
    {
        var budget = new ConnectionBudget(5, TimeSpan.FromSeconds(60), TimeProvider.System);
        var storage = new PostgreSqlStorage(await TestServer.Options(Database), null, budget);
        await storage.Open(CancellationToken.None);
        return storage;
    }

    private static Task<CommitOutcome[]> CommitTogether(
        PostgreSqlStorage storage, params (string Stream, ExpectedVersion Expected)[] appends) =>
        storage.CommitTogether(
            Array.ConvertAll(appends, append => TestData.Append(append.Stream, append.Expected, TestData.Event())));

    /// <summary>Commits the first request alone, or both requests together.</summary>
    private static Task<CommitOutcome[]> CommitFirst(
        PostgreSqlStorage storage, bool isTogether, (string Stream, ExpectedVersion Expected) first,
        (string Stream, ExpectedVersion Expected) second) =>
        CommitTogether(storage, isTogether ? [first, second] : [first]);

    private static ValueTask<StreamHead> Head(PostgreSqlStorage storage, string stream) =>
        storage.Log.GetStream(new StreamId(stream), CancellationToken.None);
}
