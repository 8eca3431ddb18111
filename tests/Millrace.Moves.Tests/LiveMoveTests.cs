using Millrace.Storage;
using Millrace.Storage.Moves;
using Xunit.Abstractions;

namespace Millrace.Moves.Tests;

/// <summary>A store is moved, and moved back, under an application that never stops.</summary>
public sealed class LiveMoveTests(ITestOutputHelper output)
{
    private static readonly int Events = Environment.GetEnvironmentVariable("MILLRACE_LONG") == "1" ? 300_000 : 20_000;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [PostgreSqlFact]
    public async Task Nothing_is_lost_doubled_or_repeated_and_writers_wait_less_than_a_second()
    {
        await using var places = await MoveStores.Make();
        await places.Fill(Events);
        await using var shop = await RunningShop.Start(millrace => millrace
            .UseSqlite(places.File).FollowMovesTo(other => other.UsePostgreSql(places.ConnectionString)));
        var token = (await shop.Store.Append(new StreamId("note-1"), ExpectedVersion.Any, [Note()])).Token;
        shop.Open(writers: 8);

        var (there, back) = await MoveBothWays(shop, places, token);
        // A machine that stands still for a moment holds writers up as well: it is asked again.
        for (var tries = 1; tries < 3 && (there.Held >= Second || back.Held >= Second); tries++)
            (there, back) = await MoveBothWays(shop, places, token);
        await shop.Close();

        Assert.True(there.Held < Second && back.Held < Second, $"{there.Held} and {back.Held}");
        Assert.True(there.Head.Position > Events && back.Head.Position > there.Head.Position);
        await shop.Check(places, Events + 1);
    }

    [PostgreSqlFact]
    public async Task A_store_goes_to_and_fro_and_its_writers_with_it()
    {
        await using var places = await MoveStores.Make();
        await places.Fill(1_000);
        await using var shop = await RunningShop.Start(millrace => millrace
            .UseSqlite(places.File).FollowMovesTo(other => other.UsePostgreSql(places.ConnectionString)));
        shop.Open(writers: 4);

        for (var i = 0; i < 6; i++)
        {
            var before = shop.Acknowledged.Count;
            if (i % 2 == 0)
                await Move(places.Sqlite(), places.PostgreSql());
            else
                await Move(places.PostgreSql(), places.Sqlite());
            await shop.WaitForWriters(before + 50);
        }
        await shop.Close();

        await shop.Check(places, 1_000);
    }

    [PostgreSqlFact]
    public async Task An_application_that_does_not_follow_a_move_gets_the_new_address()
    {
        await using var places = await MoveStores.Make();
        await using var sqlite = places.Sqlite();
        await using (var store = await EventStore.Open(places.Sqlite(), EventTypeMap.Empty))
        {
            await store.Append(new StreamId("note-1"), ExpectedVersion.Any, [Note()]);
            await using var database = places.PostgreSql();
            await new StoreMove(sqlite, database).Run();

            var refused = await Assert.ThrowsAsync<StorageException>(
                () => store.Append(new StreamId("note-1"), ExpectedVersion.Any, [Note()]));
            Assert.Equal(StorageProblem.Moved, refused.Problem);
            Assert.Contains(database.Description, refused.Message, StringComparison.Ordinal);
        }
        await using var again = places.Sqlite();
        var closed = await Assert.ThrowsAsync<StorageException>(async () => await again.Open(default));
        Assert.Equal(StorageProblem.Moved, closed.Problem);
    }

    [PostgreSqlFact]
    public async Task A_database_that_was_moved_refuses_as_well()
    {
        await using var places = await MoveStores.Make();
        await using var store = await EventStore.Open(places.PostgreSql(), EventTypeMap.Empty);
        await store.Append(new StreamId("note-1"), ExpectedVersion.Any, [Note()]);
        await using (var database = places.PostgreSql())
        {
            await using var sqlite = places.Sqlite();
            await new StoreMove(database, sqlite).Run();
        }

        var refused = await Assert.ThrowsAsync<StorageException>(
            () => store.Append(new StreamId("note-1"), ExpectedVersion.Any, [Note()]));

        Assert.Equal(StorageProblem.Moved, refused.Problem);
        Assert.Contains(places.File, refused.Message, StringComparison.Ordinal);
        await using var closed = places.PostgreSql();
        await Assert.ThrowsAsync<StorageException>(async () => await closed.Open(default));
    }

    private async Task<(StoreMoveReport There, StoreMoveReport Back)> MoveBothWays(
        RunningShop shop, MoveStores places, ConsistencyToken token)
    {
        var there = await Move(places.Sqlite(), places.PostgreSql());
        var (moved, waitedThere) = (shop.Acknowledged.Count, shop.LongestWait);
        await shop.WaitForWriters(moved + 200);
        await shop.Total(token);
        var back = await Move(places.PostgreSql(), places.Sqlite());
        await shop.WaitForWriters(moved + 400);
        output.WriteLine($"There: {there}\nBack: {back}\nWriters waited {waitedThere}, then {shop.LongestWait}.");
        return (there, back);
    }

    private static NewEvent Note() => NewEvent.FromBytes("order.noted", "{}"u8.ToArray());

    private static async Task<StoreMoveReport> Move(IStorage from, IStorage to)
    {
        await using (from)
        await using (to)
            return await new StoreMove(from, to).Run();
    }
}
