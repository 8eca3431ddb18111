using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests nodes behind a pool that assigns another connection to each transaction.</summary>
public sealed class PgBouncerTests : StoreTests
{
    [PgBouncerFact]
    public async Task Nodes_work_behind_a_pool_in_transaction_mode()
    {
        const int nodes = 3;
        const int commits = 40;
        await using var pool = await PgBouncer.Start((await TestServer.Server).Port, connections: 4);
        var stores = await Task.WhenAll(Enumerable.Range(0, nodes).Select(_ => Open(pool)));

        await Task.WhenAll(stores.Select((store, number) => Task.Run(() => Write(store, $"s-{number}", commits))));

        var log = await stores[0].ReadAll();
        Assert.Equal(
            Enumerable.Range(1, 2 * nodes * commits).Select(position => (long)position),
            log.Select(recorded => recorded.Position));
        // After conflicts with other nodes, a node that is alone soon needs only one statement again.
        var alone = stores[0].OptimisticCommits.Hits;
        for (var i = 0; i < 1_000 && stores[0].OptimisticCommits.Hits < alone + commits; i++)
            await stores[0].Commit(TestData.Append("alone", ExpectedVersion.AsRead(i), TestData.Event()));
        Assert.True(
            stores[0].OptimisticCommits.Hits >= alone + commits, "Too few batches were committed by one statement.");
        Assert.Equal(commits, await stores[1].Documents.Count("plain@1", [], CancellationToken.None));
        Assert.True((await stores[2].Maintenance.Verify(null, CancellationToken.None)).IsSound);
        foreach (var store in stores)
            await store.DisposeAsync();
    }

    [PgBouncerFact]
    public async Task A_node_behind_a_pool_notices_the_writes_of_another_node()
    {
        await using var pool = await PgBouncer.Start((await TestServer.Server).Port, connections: 2);
        await using var reader = await Open(pool);
        await using var writer = await TestData.Open(Database);
        var head = await reader.Log.GetHead(CancellationToken.None);
        var noticed = Task.Run(async () =>
        {
            while (await reader.Log.GetHead(CancellationToken.None) == head)
                await reader.Log.WaitForChange(head, CancellationToken.None);
        });

        await writer.Commit(TestData.Append("a", ExpectedVersion.NoStream, TestData.Event()));

        await noticed.WaitAsync(TimeSpan.FromMinutes(2));
    }

    private static async Task Write(PostgreSqlStorage store, string stream, int commits)
    {
        await store.Documents.EnsureCollection(new CollectionDefinition("plain@1", []), CancellationToken.None);
        for (var i = 0; i < commits; i++)
        {
            await store.Commit(TestData.Append(stream, ExpectedVersion.AsRead(2 * i), TestData.Event()));
            await store.Commit(new CommitRequest
            {
                Appends = TestData.Append(stream, ExpectedVersion.Exactly((2 * i) + 1), TestData.Event()).Appends,
                Documents = i % 2 == 0 && stream == "s-0"
                    ? []
                    : [new DocumentChange { Collection = "plain@1", Key = $"{i}", Body = "{}"u8.ToArray() }],
            });
        }
    }

    private async Task<PostgreSqlStorage> Open(PgBouncer pool)
    {
        var address = new NpgsqlConnectionStringBuilder((await TestServer.Server).ConnectionString(Database))
        {
            Port = pool.Port,
        };
        return await TestData.Open(
            Database, options => (options.ConnectionString, options.Prepares) = (address.ConnectionString, false));
    }
}

/// <summary>
/// A test that needs PgBouncer. Without PgBouncer, the test is skipped with the reason, but in CI it fails.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PgBouncerFactAttribute : FactAttribute
{
    public PgBouncerFactAttribute() =>
        Skip =
            PostgreSqlPrograms.ReasonToSkip
            ?? (
                PgBouncer.Program is null && Environment.GetEnvironmentVariable("CI") is not ("1" or "true")
                    ? PgBouncer.Missing
                    : null);
}
