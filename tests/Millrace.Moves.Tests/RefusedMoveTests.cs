using Millrace.Storage;
using Millrace.Storage.Moves;

namespace Millrace.Moves.Tests;

/// <summary>Tests that an incomplete copy is not switched to, and that no data in use is overwritten.</summary>
public sealed class RefusedMoveTests
{
    [PostgreSqlTheory]
    [InlineData(
        "UPDATE millrace.events SET type = 'other' WHERE position = 250",
        "positions 201 to 300",
        "event at 250 differs")]
    [InlineData("DELETE FROM millrace.events WHERE position = 42", "positions 1 to 100", "it lacks the event at 42")]
    public async Task A_target_that_was_altered_is_found_by_its_segment(string damage, string segment, string what)
    {
        await using var places = await MoveStores.Make();
        await using var file = await Filled(places, 400);
        await using var database = places.PostgreSql();
        await StopHalfway(file, database);
        const string Triggers = "TRIGGER USER";
        await places.Execute(
            $"ALTER TABLE millrace.events DISABLE {Triggers}; {damage}; ALTER TABLE millrace.events ENABLE {Triggers}");

        var refused = await Assert.ThrowsAsync<StoreMoveException>(
            () => new StoreMove(file, database, new StoreMoveOptions { SegmentPositions = 100 }).Run());

        Assert.Contains(segment, refused.Message, StringComparison.Ordinal);
        Assert.Contains(what, refused.Message, StringComparison.Ordinal);
        await using var store = await EventStore.Open(places.Sqlite(), EventTypeMap.Empty);
        await store.Append(new StreamId("a-1"), ExpectedVersion.Any, [NewEvent.FromBytes("a.thing", "{}"u8.ToArray())]);
    }

    [PostgreSqlFact]
    public async Task An_altered_payload_of_the_source_is_not_carried_over()
    {
        await using var places = await MoveStores.Make();
        await using (var filled = await Filled(places, 10))
        {
            await using var database = places.PostgreSql();
            await new StoreMove(filled, database).Run();
        }
        await places.Execute("UPDATE millrace.events SET payload = '{\"total\":9}' WHERE position = 7");
        await using var damaged = places.PostgreSql();
        await using var file = new Sqlite.SqliteStorage(places.File + "2");

        var refused = await Assert.ThrowsAsync<StorageException>(() => new StoreMove(damaged, file).Run());

        Assert.Equal(StorageProblem.Damaged, refused.Problem);
        Assert.Contains("position 7", refused.Message, StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task What_is_not_the_stores_is_named_in_a_file_and_in_a_database()
    {
        await using var places = await MoveStores.Make();
        await using var file = await Filled(places, 3);
        await using var database = places.PostgreSql();
        using (var sqlite = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={places.File}"))
        {
            sqlite.Open();
            using var create = sqlite.CreateCommand();
            create.CommandText = "CREATE TABLE order_totals (id TEXT)";
            create.ExecuteNonQuery();
        }

        var there = await new StoreMove(file, database).Run();
        await places.Execute("""
            CREATE SCHEMA books; CREATE TABLE books."Odd name" (id text); CREATE TABLE order_totals (id text);
            CREATE VIEW totals AS SELECT * FROM order_totals
            """);
        var back = await new StoreMove(database, file).Plan();

        Assert.Equal(["order_totals"], there.NotMoved);
        Assert.Equal(["books.\"Odd name\"", "public.order_totals", "public.totals"], back.NotMoved);
    }

    [PostgreSqlFact]
    public async Task Another_store_is_not_overwritten()
    {
        await using var places = await MoveStores.Make();
        await using var file = await Filled(places, 3);
        await using var database = places.PostgreSql();
        await using (var other = await EventStore.Open(places.PostgreSql(), EventTypeMap.Empty))
            await other.Append(
                new StreamId("a-1"),
                ExpectedVersion.Any,
                [NewEvent.FromBytes("a.thing", "{}"u8.ToArray())]);

        var refused = await Assert.ThrowsAsync<StoreMoveException>(() => new StoreMove(file, database).Run());

        Assert.Contains("contains another store", refused.Message, StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task A_store_that_was_moved_is_not_moved_again_from_the_old_place()
    {
        await using var places = await MoveStores.Make();
        await using var file = await Filled(places, 3);
        await using var database = places.PostgreSql();
        await new StoreMove(file, database).Run();

        var refused = await Assert.ThrowsAsync<StoreMoveException>(() => new StoreMove(file, database).Run());

        Assert.Contains($"was already moved to {database.Description}", refused.Message, StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task What_is_being_filled_is_closed_and_a_move_that_is_given_up_leaves_the_store_as_it_was()
    {
        await using var places = await MoveStores.Make();
        await using var file = await Filled(places, 50);
        await using var database = places.PostgreSql();
        await StopHalfway(file, database);

        var closed = await Assert.ThrowsAsync<StorageException>(async () => await database.Open(default));
        Assert.Equal(StorageProblem.Busy, closed.Problem);
        Assert.True(closed.IsTransient);

        await new StoreMove(file, database).Abandon();
        var state = await ((IMovableStorage)file).Moves.GetState(default);
        Assert.Equal(MoveRole.None, state.Role);
        Assert.Empty(state.Foreign);
        // And it can be started again, on what was copied.
        Assert.Equal(50, (await new StoreMove(file, database).Run()).Head.Position);
    }

    [PostgreSqlFact]
    public async Task Two_movers_do_not_work_at_once()
    {
        await using var places = await MoveStores.Make();
        await using var file = await Filled(places, 50);
        await using var database = places.PostgreSql();
        await StopHalfway(file, database);
        await using var second = places.Sqlite();
        await using var secondDatabase = places.PostgreSql();

        var byFile = await Assert.ThrowsAsync<StoreMoveException>(() => new StoreMove(second, database).Run());
        var byDatabase = await Assert.ThrowsAsync<StoreMoveException>(() =>
            new StoreMove(
                secondDatabase,
                new Sqlite.SqliteStorage(Path.Combine(Path.GetDirectoryName(places.File)!, "third.db"))).Run());

        Assert.Contains("Another 'millrace move'", byFile.Message, StringComparison.Ordinal);
        Assert.Contains("is itself being filled", byDatabase.Message, StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task A_plan_changes_nothing()
    {
        await using var places = await MoveStores.Make();
        await using var file = await Filled(places, 50);
        await using var database = places.PostgreSql();

        var plan = await new StoreMove(file, database).Plan();

        Assert.Equal((50, 50), (plan.Head.Position, plan.Events));
        Assert.Null((await ((IMovableStorage)database).Moves.GetState(default)).Header);
        Assert.Equal(MoveRole.None, (await ((IMovableStorage)file).Moves.GetState(default)).Role);
    }

    [Fact]
    public async Task Two_files_move_as_well_and_nothing_moves_to_itself()
    {
        var directory = Directory.CreateTempSubdirectory("millrace-moves-").FullName;
        await using var one = new Sqlite.SqliteStorage(Path.Combine(directory, "one.db"));
        await using (var two = new Sqlite.SqliteStorage(Path.Combine(directory, "two.db")))
        {
            await one.Open(default);
            Assert.Throws<ArgumentException>(() =>
                new StoreMove(one, new Sqlite.SqliteStorage(Path.Combine(directory, "one.db"))));
            Assert.Equal(0, (await new StoreMove(one, two).Run()).Events);
            await two.Open(default);
        }
    }

    private static NewEvent Thing => NewEvent.FromBytes("a.thing", "{\"total\":1}"u8.ToArray());

    private static async Task<Sqlite.SqliteStorage> Filled(MoveStores places, int events)
    {
        await using (var store = await EventStore.Open(places.Sqlite(), EventTypeMap.Empty))
        {
            for (var i = 0; i < events; i++)
                await store.Append(new StreamId($"a-{i % 7}"), ExpectedVersion.Any, [Thing]);
        }
        return places.Sqlite();
    }

    /// <summary>Stops when everything is copied, before anything is switched.</summary>
    private static async Task StopHalfway(IStorage from, IStorage to)
    {
        using var stop = new CancellationTokenSource();
        var progress = new StopAt("events, and what changes", stop);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new StoreMove(from, to).Run(progress, stop.Token));
    }

    private sealed class StopAt(string what, CancellationTokenSource stop) : IProgress<MaintenanceProgress>
    {
        public void Report(MaintenanceProgress value)
        {
            if (value.What == what)
                stop.Cancel();
        }
    }
}
