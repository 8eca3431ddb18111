using System.Collections.Concurrent;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests three nodes on one log while their connections end at random.</summary>
public sealed class SeveralNodesTests : StoreTests
{
    private const int Nodes = 3;
    private const int Streams = 8;

    public static TheoryData<int> Schedules => new(Enumerable.Range(1, TestRun.IsLong ? 1_000 : 8));

    [PostgreSqlTheory]
    [MemberData(nameof(Schedules))]
    public async Task No_event_is_skipped_duplicated_or_lost_when_connections_end(int seed)
    {
        using var running = new CancellationTokenSource();
        var run = new Run();
        var nodes = await Task.WhenAll(Enumerable.Range(0, Nodes).Select(_ => TestData.Open(Database)));

        var killer = Task.Run(() => Kill(new Random(seed), running.Token));
        var readers = nodes.Select(node => Task.Run(() => Follow(node, running.Token))).ToArray();
        await Task.WhenAll(
            nodes.Select((node, number) => Task.Run(() => Write(node, new Random((seed * 10) + number), run))));
        await running.CancelAsync();
        await killer;
        await Task.WhenAll(readers);

        var log = await nodes[0].ReadAll();
        Assert.Equal(Enumerable.Range(1, log.Count).Select(number => (long)number), log.Select(e => e.Position));
        foreach (var stream in log.GroupBy(e => e.Stream))
            Assert.Equal(
                Enumerable.Range(1, stream.Count()).Select(number => (long)number), stream.Select(e => e.Version));
        var found = log.Select(e => e.Id).ToList();
        Assert.Equal(found.Count, found.Distinct().Count());
        Assert.Empty(run.Acknowledged.Except(found));
        Assert.Empty(run.Denied.Intersect(found));
        Assert.True((await nodes[0].Maintenance.Verify(null, CancellationToken.None)).IsSound);
        foreach (var node in nodes)
            await node.DisposeAsync();
    }

    private static async Task Write(PostgreSqlStorage node, Random random, Run run)
    {
        for (var i = 0; i < 60; i++)
        {
            var stream = new StreamId($"s-{random.Next(Streams)}");
            var batch = new CommitRequest[random.Next(1, 5)];
            try
            {
                for (var j = 0; j < batch.Length; j++)
                    batch[j] = await Request(node, random, stream);
                var outcomes = await node.Log.Commit(batch, DateTimeOffset.UtcNow, CancellationToken.None);
                for (var j = 0; j < batch.Length; j++)
                    run.AddResult(batch[j], outcomes[j].Result == CommitResult.Committed);
            }
            catch (StorageException failure) when (failure.IsTransient || failure.IsInDoubt)
            {
                if (!failure.IsInDoubt && batch[^1] is not null)
                    Array.ForEach(batch, request => run.AddResult(request, isCommitted: false));
            }
        }
    }

    private static async Task<CommitRequest> Request(PostgreSqlStorage node, Random random, StreamId stream)
    {
        var version = (await node.Log.GetStream(stream, CancellationToken.None)).Version;
        var expected = random.Next(3) == 0 ? ExpectedVersion.Any : ExpectedVersion.AsRead(version);
        return TestData.Append(
            stream.Value,
            expected,
            [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => TestData.Event())]);
    }

    /// <summary>Reads the log continuously, and checks that no position is skipped or repeated.</summary>
    private static async Task Follow(PostgreSqlStorage node, CancellationToken cancellationToken)
    {
        for (var next = 1L; !cancellationToken.IsCancellationRequested;)
        {
            try
            {
                var query = new LogPageQuery(EventFilter.All, next, IsBackwards: false, Limit: 7);
                foreach (var recorded in (await node.Log.ReadLog(query, CancellationToken.None)).Events)
                    Assert.Equal(next++, recorded.Position);
                await node.Log.WaitForChange(new LogHead(1, next - 1), cancellationToken);
            }
            catch (StorageException failure) when (failure.IsTransient)
            {
                // The test ended the connection more often than the node retries.
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task Kill(Random random, CancellationToken cancellationToken)
    {
        var server = await TestServer.Server;
        await using var connection = new NpgsqlConnection(server.ConnectionString() + ";Pooling=false");
        await connection.OpenAsync(CancellationToken.None);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(15));
        while (!cancellationToken.IsCancellationRequested)
        {
            var victim = $"""
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{Database}'
                ORDER BY hashtext(pid::text || '{random.Next()}') LIMIT 1
                """;
            await using var command = new NpgsqlCommand(victim, connection);
            await command.ExecuteNonQueryAsync(CancellationToken.None);
            await pause.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <summary>Collects the results of the writers.</summary>
    private sealed class Run
    {
        public ConcurrentBag<Guid> Acknowledged { get; } = [];

        public ConcurrentBag<Guid> Denied { get; } = [];

        public void AddResult(CommitRequest request, bool isCommitted)
        {
            foreach (var e in request.Appends[0].Events)
                (isCommitted ? Acknowledged : Denied).Add(e.Id);
        }
    }
}
