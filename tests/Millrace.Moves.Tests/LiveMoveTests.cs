using Millrace.Storage;
using Millrace.Storage.Moves;
using Xunit.Abstractions;

namespace Millrace.Moves.Tests;

/// <summary>Tests that a store is moved and moved back while an application continues to write.</summary>
public sealed class LiveMoveTests(ITestOutputHelper output)
{
    private static readonly int Events = TestRun.IsLong ? 300_000 : 20_000;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [PostgreSqlFact]
    public async Task A_move_loses_and_duplicates_no_event_and_writers_wait_less_than_a_second()
    {
        await using var stores = await MoveStores.Create();
        await stores.Fill(Events);
        await using var shop = await RunningShop.Start(millrace => millrace
            .UseSqlite(stores.File).FollowMovesTo(other => other.UsePostgreSql(stores.ConnectionString)));
        var token = (await shop.Store.Append(new StreamId("note-1"), ExpectedVersion.Any, [Note()])).Token;
        shop.StartWriters(writers: 8);

        var (outward, back) = await MoveBothWays(shop, stores, token);
        // A pause of the machine also delays writers, so the test tries again.
        for (var tries = 1; tries < 3 && (outward.WriterWaitTime >= Second || back.WriterWaitTime >= Second); tries++)
            (outward, back) = await MoveBothWays(shop, stores, token);
        await shop.StopWriters();

        Assert.True(
            outward.WriterWaitTime < Second && back.WriterWaitTime < Second,
            $"{outward.WriterWaitTime} and {back.WriterWaitTime}");
        Assert.True(outward.Head.Position > Events && back.Head.Position > outward.Head.Position);
        await shop.Check(stores, Events + 1);
    }

    [PostgreSqlFact]
    public async Task Writers_follow_a_store_that_is_moved_several_times()
    {
        await using var stores = await MoveStores.Create();
        await stores.Fill(1_000);
        await using var shop = await RunningShop.Start(millrace => millrace
            .UseSqlite(stores.File).FollowMovesTo(other => other.UsePostgreSql(stores.ConnectionString)));
        shop.StartWriters(writers: 4);

        for (var i = 0; i < 6; i++)
        {
            var before = shop.Acknowledged.Count;
            if (i % 2 == 0)
                await Move(stores.Sqlite(), stores.PostgreSql());
            else
                await Move(stores.PostgreSql(), stores.Sqlite());
            await shop.WaitForWriters(before + 50);
        }
        await shop.StopWriters();

        await shop.Check(stores, 1_000);
    }

    [PostgreSqlFact]
    public async Task An_application_that_does_not_follow_a_move_gets_the_new_address()
    {
        await using var stores = await MoveStores.Create();
        await using var sqlite = stores.Sqlite();
        await using (var store = await EventStore.Open(stores.Sqlite(), EventTypeMap.Empty))
        {
            await store.Append(new StreamId("note-1"), ExpectedVersion.Any, [Note()]);
            await using var database = stores.PostgreSql();
            await new StoreMove(sqlite, database).Run();

            var refused = await Assert.ThrowsAsync<StorageException>(
                () => store.Append(new StreamId("note-1"), ExpectedVersion.Any, [Note()]));
            Assert.Equal(StorageProblem.Moved, refused.Problem);
            Assert.Contains(database.Description, refused.Message, StringComparison.Ordinal);
        }
        await using var again = stores.Sqlite();
        var closed = await Assert.ThrowsAsync<StorageException>(async () => await again.Open(default));
        Assert.Equal(StorageProblem.Moved, closed.Problem);
    }

    [PostgreSqlFact]
    public async Task A_moved_database_refuses_appends_and_new_connections()
    {
        await using var stores = await MoveStores.Create();
        await using var store = await EventStore.Open(stores.PostgreSql(), EventTypeMap.Empty);
        await store.Append(new StreamId("note-1"), ExpectedVersion.Any, [Note()]);
        await using (var database = stores.PostgreSql())
        {
            await using var sqlite = stores.Sqlite();
            await new StoreMove(database, sqlite).Run();
        }

        var refused = await Assert.ThrowsAsync<StorageException>(
            () => store.Append(new StreamId("note-1"), ExpectedVersion.Any, [Note()]));

        Assert.Equal(StorageProblem.Moved, refused.Problem);
        Assert.Contains(stores.File, refused.Message, StringComparison.Ordinal);
        await using var closed = stores.PostgreSql();
        await Assert.ThrowsAsync<StorageException>(async () => await closed.Open(default));
    }

    private async Task<(StoreMoveReport Outward, StoreMoveReport Back)> MoveBothWays(
        RunningShop shop, MoveStores stores, ConsistencyToken token)
    {
        var outward = await Move(stores.Sqlite(), stores.PostgreSql());
        var (moved, outwardWait) = (shop.Acknowledged.Count, shop.LongestWait);
        await shop.WaitForWriters(moved + 200);
        await shop.Total(token);
        var back = await Move(stores.PostgreSql(), stores.Sqlite());
        await shop.WaitForWriters(moved + 400);
        output.WriteLine($"Outward: {outward}\nBack: {back}\nWriters waited {outwardWait}, then {shop.LongestWait}.");
        return (outward, back);
    }

    private static NewEvent Note() => NewEvent.FromBytes("order.noted", "{}"u8.ToArray());

    private static async Task<StoreMoveReport> Move(IStorage from, IStorage to)
    {
        await using (from)
        await using (to)
            return await new StoreMove(from, to).Run();
    }
}
