using Millrace.Storage.Moves;

namespace Millrace.Moves.Tests;

/// <summary>What is moved there and back again is what it was, bit by bit.</summary>
public sealed class RoundTripTests
{
    public static TheoryData<int> Seeds => new(Enumerable.Range(
        1, Environment.GetEnvironmentVariable("MILLRACE_LONG") == "1" ? 100 : 8));

    [PostgreSqlTheory]
    [MemberData(nameof(Seeds))]
    public async Task A_store_goes_there_and_back_and_is_the_same(int seed)
    {
        await using var places = await MoveStores.Make();
        await using (var sqlite = places.Sqlite())
        {
            await sqlite.Open(default);
            var history = new RandomHistory(sqlite, seed);
            await history.Begin();
            await history.Run(40 + (seed * 20));
        }
        var options = new StoreMoveOptions { SegmentPositions = 100, PageEvents = 37 };
        await using var file = places.Sqlite();
        await using var database = places.PostgreSqlWithNodeClock();
        var before = await StoreContent.Of(file);

        var there = await new StoreMove(file, database, options).Run();
        var moved = await StoreContent.Of(database);
        Assert.Equal(before, moved);
        Assert.True(there.Events > 0 && there.Segments > 0, there.ToString());

        await database.Open(default);
        Assert.True((await database.Maintenance.Verify(null, default)).IsSound);
        var more = new RandomHistory(database, seed + 1_000);
        await more.Begin();
        await more.Run(30);
        var changed = await StoreContent.Of(database);

        var back = await new StoreMove(database, file, options).Run();
        Assert.Equal(changed, await StoreContent.Of(file));
        Assert.True(back.Events < there.Events, $"{back.Events} events were carried back, and {there.Events} there.");
        await file.Open(default);
        var report = await file.Maintenance.Verify(null, default);
        Assert.True(report.IsSound, string.Join("; ", report.Checks.SelectMany(check => check.Problems)));
        var last = new RandomHistory(file, seed + 2_000);
        await last.Begin();
        await last.Run(5);
    }
}
