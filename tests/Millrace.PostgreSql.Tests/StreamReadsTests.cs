using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests that the store joins concurrent reads of stream pages.</summary>
public sealed class StreamReadsTests : StoreTests
{
    private const int Streams = 12;
    private const int Callers = 64;

    [PostgreSqlFact]
    public async Task Joined_page_reads_return_the_same_as_separate_reads()
    {
        await using var storage = await TestData.Open(Database);
        await Fill(storage);
        var queries = Enumerable.Range(0, Callers).Select(Query).ToArray();
        var alone = new List<string>();
        foreach (var query in queries)
            alone.Add(Text(await storage.Log.ReadStream(query, CancellationToken.None)));
        Assert.Equal(0, storage.Reads.Joined);

        await ConcurrentCallers.ExpectSame(
            alone,
            async i => Text(await storage.Log.ReadStream(queries[i], CancellationToken.None)),
            () => storage.Reads.Joined);
    }

    [PostgreSqlFact]
    public async Task Reads_of_pages_for_folding_are_joined_with_each_other_and_with_other_reads()
    {
        await using var storage = await TestData.Open(Database);
        await Fill(storage);
        var queries = Enumerable.Range(0, Callers).Select(Query).ToArray();
        var separate = new List<string>();
        foreach (var query in queries)
            separate.Add(Needed(await storage.Log.ReadStream(query, CancellationToken.None)));

        foreach (var step in new[] { 1, 2 })
        {
            await ConcurrentCallers.ExpectSame(
                separate,
                async i =>
                    Needed(
                        await storage.Log.ReadStream(
                            queries[i] with
                            {
                                IsFolded = i % step == 0,
                            },
                            CancellationToken.None)),
                () => storage.Reads.Joined);
        }
    }

    [PostgreSqlFact]
    public async Task A_joined_read_shows_events_that_were_committed_before_its_call()
    {
        await using var storage = await TestData.Open(Database);

        await ConcurrentCallers.Ask(Callers / 2, async writer =>
        {
            for (var version = 1; version <= 20; version++)
            {
                await storage.Log.ReadStream(WholeStream($"w-{writer + 1}"), CancellationToken.None);
                await Write(storage, $"w-{writer}", version);
                var page = await storage.Log.ReadStream(WholeStream($"w-{writer}"), CancellationToken.None);
                Assert.Equal(version, page.Events.Count);
            }
            return true;
        });

        Assert.True(storage.Reads.Joined > 0);
    }

    [PostgreSqlFact]
    public async Task A_cancelled_reader_delays_no_other_reader()
    {
        await using var storage = await TestData.Open(Database);
        await Fill(storage);

        var pages = await ConcurrentCallers.Ask(Callers, async caller =>
        {
            using var giveUp = new CancellationTokenSource();
            var read = storage.Log.ReadStream(WholeStream("s-3"), giveUp.Token).AsTask();
            if (caller % 2 == 0)
                await giveUp.CancelAsync();
            try
            {
                return (await read).Events.Count;
            }
            catch (OperationCanceledException) when (caller % 2 == 0)
            {
                return 0;
            }
        });

        Assert.All(pages.Where((_, caller) => caller % 2 == 1), count => Assert.Equal(4, count));
        Assert.Equal(4, (await storage.Log.ReadStream(WholeStream("s-3"), CancellationToken.None)).Events.Count);
    }

    [PostgreSqlFact]
    public async Task Joined_reads_are_retried_when_their_connection_ends()
    {
        await using var storage = await TestData.Open(Database);
        await Fill(storage);

        for (var round = 0; round < 5; round++)
        {
            var reads = ConcurrentCallers.Ask(
                Callers, _ => storage.Log.ReadStream(WholeStream("s-5"), CancellationToken.None));
            await EndOneConnection();
            Assert.All(await reads, page => Assert.Equal(6, page.Events.Count));
        }
    }

    [PostgreSqlFact]
    public async Task Closing_the_store_ends_all_waits()
    {
        var storage = await TestData.Open(Database);
        await Fill(storage);
        var reads = Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            while (true)
                await storage.Log.ReadStream(WholeStream("s-5"), CancellationToken.None);
        })).ToArray();

        await storage.DisposeAsync();

        foreach (var read in reads)
            await Assert.ThrowsAsync<StorageException>(() => read.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    /// <summary>Creates streams of different lengths. One stream is truncated and one is deleted.</summary>
    private static async Task Fill(PostgreSqlStorage storage)
    {
        for (var stream = 0; stream < Streams; stream++)
        {
            for (var version = 1; version <= stream + 1; version++)
                await Write(storage, $"s-{stream}", version);
        }
        await Remove(
            storage, new StreamRemoval(new StreamId("s-8"), RemovalKind.Truncate, 4, ExpectedVersion.Any, "old", null));
        await Remove(
            storage, new StreamRemoval(new StreamId("s-9"), RemovalKind.Delete, 0, ExpectedVersion.Any, "wrong", null));
    }

    private static async Task Remove(PostgreSqlStorage storage, StreamRemoval removal) =>
        Assert.Equal(CommitResult.Committed, (await storage.Commit(new CommitRequest { Removals = [removal] })).Result);

    private static async Task Write(PostgreSqlStorage storage, string stream, int version)
    {
        var expected = version == 1 ? ExpectedVersion.NoStream : ExpectedVersion.Exactly(version - 1);
        Assert.Equal(
            CommitResult.Committed, (await storage.Commit(TestData.Append(stream, expected, TestData.Event()))).Result);
    }

    private static StreamPageQuery WholeStream(string stream) =>
        new(new StreamId(stream), 1, IsBackwards: false, 1_000);

    /// <summary>Returns queries with different versions and limits. Some of their streams do not exist.</summary>
    private static StreamPageQuery Query(int i) =>
        new(new StreamId($"s-{i % (Streams + 2)}"), 1 + (i % 5), IsBackwards: false, 1 + (i % 7));

    private async Task EndOneConnection()
    {
        await using var connection = await TestServer.Connect(Database);
        await using var command = new NpgsqlCommand("""
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%unnest%' LIMIT 1
            """, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static string Text(EventPage page) =>
        $"{string.Join(' ', page.Events.Select(e => $"{e.Stream}/{e.Version}/{e.Position}/{e.Id}"))} "
            + $"{page.Next} {page.IsEnd}";

    /// <summary>Formats the data that folding needs.</summary>
    private static string Needed(EventPage page)
    {
        var events = page.Events.Select(e =>
            $"{e.Stream}/{e.Version}/{e.Position}/{e.Type}/{e.SchemaVersion}/{e.ContentType}/"
                + $"{e.Payload.Length}"
        );
        return $"{string.Join(' ', events)} {page.Next} {page.IsEnd}";
    }
}
