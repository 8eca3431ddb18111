using Millrace.Storage;
using Millrace.Storage.Moves;

namespace Millrace.Moves.Tests;

/// <summary>Tests that a move does not switch to an incomplete copy and does not overwrite used data.</summary>
public sealed class RefusedMoveTests
{
    [PostgreSqlTheory]
    [InlineData(
        "UPDATE millrace.events SET type = 'other' WHERE position = 250",
        "positions 201 to 300",
        "event at 250 differs")]
    [InlineData(
        "DELETE FROM millrace.events WHERE position = 42",
        "positions 1 to 100",
        "the target lacks the event at 42")]
    public async Task A_changed_event_in_the_target_is_reported_with_its_segment(
        string damage, string segment, string difference)
    {
        await using var stores = await MoveStores.Create();
        await using var file = await Filled(stores, 400);
        await using var database = stores.PostgreSql();
        await StopHalfway(file, database);
        const string Triggers = "TRIGGER USER";
        await stores.Execute(
            $"ALTER TABLE millrace.events DISABLE {Triggers}; {damage}; ALTER TABLE millrace.events ENABLE {Triggers}");

        var refused = await Assert.ThrowsAsync<StoreMoveException>(
            () => new StoreMove(file, database, new StoreMoveOptions { SegmentPositions = 100 }).Run());

        Assert.Contains(segment, refused.Message, StringComparison.Ordinal);
        Assert.Contains(difference, refused.Message, StringComparison.Ordinal);
        await using var store = await EventStore.Open(stores.Sqlite(), EventTypeMap.Empty);
        await store.Append(new StreamId("a-1"), ExpectedVersion.Any, [NewEvent.FromBytes("a.thing", "{}"u8.ToArray())]);
    }

    [PostgreSqlFact]
    public async Task A_changed_payload_of_the_source_is_not_moved()
    {
        await using var stores = await MoveStores.Create();
        await using (var filled = await Filled(stores, 10))
        {
            await using var database = stores.PostgreSql();
            await new StoreMove(filled, database).Run();
        }
        await stores.Execute("UPDATE millrace.events SET payload = '{\"total\":9}' WHERE position = 7");
        await using var damaged = stores.PostgreSql();
        await using var file = new Sqlite.SqliteStorage(stores.File + "2");

        var refused = await Assert.ThrowsAsync<StorageException>(() => new StoreMove(damaged, file).Run());

        Assert.Equal(StorageProblem.Damaged, refused.Problem);
        Assert.Contains("position 7", refused.Message, StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task Tables_of_other_applications_are_reported()
    {
        await using var stores = await MoveStores.Create();
        await using var file = await Filled(stores, 3);
        await using var database = stores.PostgreSql();
        using (var sqlite = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={stores.File}"))
        {
            sqlite.Open();
            using var create = sqlite.CreateCommand();
            create.CommandText = "CREATE TABLE order_totals (id TEXT)";
            create.ExecuteNonQuery();
        }

        var outward = await new StoreMove(file, database).Run();
        await stores.Execute("""
            CREATE SCHEMA books; CREATE TABLE books."Odd name" (id text); CREATE TABLE order_totals (id text);
            CREATE VIEW totals AS SELECT * FROM order_totals
            """);
        var back = await new StoreMove(database, file).Plan();

        Assert.Equal(["order_totals"], outward.NotMoved);
        Assert.Equal(["books.\"Odd name\"", "public.order_totals", "public.totals"], back.NotMoved);
    }

    [PostgreSqlFact]
    public async Task A_target_with_another_store_is_refused()
    {
        await using var stores = await MoveStores.Create();
        await using var file = await Filled(stores, 3);
        await using var database = stores.PostgreSql();
        await using (var other = await EventStore.Open(stores.PostgreSql(), EventTypeMap.Empty))
            await other.Append(
                new StreamId("a-1"),
                ExpectedVersion.Any,
                [NewEvent.FromBytes("a.thing", "{}"u8.ToArray())]);

        var refused = await Assert.ThrowsAsync<StoreMoveException>(() => new StoreMove(file, database).Run());

        Assert.Contains("contains another store", refused.Message, StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task A_moved_store_is_not_moved_again_from_its_old_storage()
    {
        await using var stores = await MoveStores.Create();
        await using var file = await Filled(stores, 3);
        await using var database = stores.PostgreSql();
        await new StoreMove(file, database).Run();

        var refused = await Assert.ThrowsAsync<StoreMoveException>(() => new StoreMove(file, database).Run());

        Assert.Contains($"was already moved to {database.Description}", refused.Message, StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task The_target_of_a_running_move_is_closed_and_an_abandoned_move_does_not_change_the_store()
    {
        await using var stores = await MoveStores.Create();
        await using var file = await Filled(stores, 50);
        await using var database = stores.PostgreSql();
        await StopHalfway(file, database);

        var closed = await Assert.ThrowsAsync<StorageException>(async () => await database.Open(default));
        Assert.Equal(StorageProblem.Busy, closed.Problem);
        Assert.True(closed.IsTransient);

        await new StoreMove(file, database).Abandon();
        var state = await ((IMovableStorage)file).Moves.GetState(default);
        Assert.Equal(MoveRole.None, state.Role);
        Assert.Empty(state.Foreign);
        // The move can be started again and uses the copied data.
        Assert.Equal(50, (await new StoreMove(file, database).Run()).Head.Position);
    }

    [PostgreSqlFact]
    public async Task Two_moves_cannot_run_at_the_same_time()
    {
        await using var stores = await MoveStores.Create();
        await using var file = await Filled(stores, 50);
        await using var database = stores.PostgreSql();
        await StopHalfway(file, database);
        await using var second = stores.Sqlite();
        await using var secondDatabase = stores.PostgreSql();

        var byFile = await Assert.ThrowsAsync<StoreMoveException>(() => new StoreMove(second, database).Run());
        var byDatabase = await Assert.ThrowsAsync<StoreMoveException>(() =>
            new StoreMove(
                secondDatabase,
                new Sqlite.SqliteStorage(Path.Combine(Path.GetDirectoryName(stores.File)!, "third.db"))).Run());

        Assert.Contains("Another 'millrace move'", byFile.Message, StringComparison.Ordinal);
        Assert.Contains("is itself being filled", byDatabase.Message, StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task A_plan_does_not_change_a_store()
    {
        await using var stores = await MoveStores.Create();
        await using var file = await Filled(stores, 50);
        await using var database = stores.PostgreSql();

        var plan = await new StoreMove(file, database).Plan();

        Assert.Equal((50, 50), (plan.Head.Position, plan.Events));
        Assert.Null((await ((IMovableStorage)database).Moves.GetState(default)).Header);
        Assert.Equal(MoveRole.None, (await ((IMovableStorage)file).Moves.GetState(default)).Role);
    }

    [Fact]
    public async Task A_store_can_be_moved_between_files_but_not_to_itself()
    {
        var directory = Directory.CreateTempSubdirectory("millrace-moves-").FullName;
        await using var source = new Sqlite.SqliteStorage(Path.Combine(directory, "one.db"));
        await using (var target = new Sqlite.SqliteStorage(Path.Combine(directory, "two.db")))
        {
            await source.Open(default);
            Assert.Throws<ArgumentException>(() =>
                new StoreMove(source, new Sqlite.SqliteStorage(Path.Combine(directory, "one.db"))));
            Assert.Equal(0, (await new StoreMove(source, target).Run()).Events);
            await target.Open(default);
        }
    }

    private static NewEvent Thing => NewEvent.FromBytes("a.thing", "{\"total\":1}"u8.ToArray());

    private static async Task<Sqlite.SqliteStorage> Filled(MoveStores stores, int events)
    {
        await using (var store = await EventStore.Open(stores.Sqlite(), EventTypeMap.Empty))
        {
            for (var i = 0; i < events; i++)
                await store.Append(new StreamId($"a-{i % 7}"), ExpectedVersion.Any, [Thing]);
        }
        return stores.Sqlite();
    }

    /// <summary>Stops a move after the copy and before the switch.</summary>
    private static async Task StopHalfway(IStorage from, IStorage to)
    {
        using var stop = new CancellationTokenSource();
        var progress = new StopAt(StoreMove.ChangesStep, stop);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new StoreMove(from, to).Run(progress, stop.Token));
    }

    private sealed class StopAt(string step, CancellationTokenSource stop) : IProgress<MaintenanceProgress>
    {
        public void Report(MaintenanceProgress value)
        {
            if (value.Step == step)
                stop.Cancel();
        }
    }
}
