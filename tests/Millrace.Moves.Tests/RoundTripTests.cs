using Millrace.Storage.Moves;

namespace Millrace.Moves.Tests;

/// <summary>Tests that a store that is moved and moved back has exactly the same content.</summary>
public sealed class RoundTripTests
{
    public static TheoryData<int> Seeds => new(Enumerable.Range(
        1, TestRun.IsLong ? 100 : 8));

    [PostgreSqlTheory]
    [MemberData(nameof(Seeds))]
    public async Task A_store_is_unchanged_after_a_move_and_a_move_back(int seed)
    {
        await using var stores = await MoveStores.Create();
        await using (var sqlite = stores.Sqlite())
        {
            await sqlite.Open(default);
            var history = new RandomHistory(sqlite, seed);
            await history.Begin();
            await history.Run(40 + (seed * 20));
        }
        var options = new StoreMoveOptions { SegmentPositions = 100, PageEvents = 37 };
        await using var file = stores.Sqlite();
        await using var database = stores.PostgreSqlWithNodeClock();
        var before = await StoreContent.Of(file);

        var outward = await new StoreMove(file, database, options).Run();
        var moved = await StoreContent.Of(database);
        Assert.Equal(before, moved);
        Assert.True(outward.Events > 0 && outward.Segments > 0, outward.ToString());

        await database.Open(default);
        Assert.True((await database.Maintenance.Verify(null, default)).IsSound);
        var laterHistory = new RandomHistory(database, seed + 1_000);
        await laterHistory.Begin();
        await laterHistory.Run(30);
        var changed = await StoreContent.Of(database);

        var back = await new StoreMove(database, file, options).Run();
        Assert.Equal(changed, await StoreContent.Of(file));
        Assert.True(back.Events < outward.Events, $"{back.Events} of {outward.Events} events were moved back.");
        await file.Open(default);
        var report = await file.Maintenance.Verify(null, default);
        Assert.True(report.IsSound, string.Join("; ", report.Checks.SelectMany(check => check.Problems)));
        var lastHistory = new RandomHistory(file, seed + 2_000);
        await lastHistory.Begin();
        await lastHistory.Run(5);
    }
}
