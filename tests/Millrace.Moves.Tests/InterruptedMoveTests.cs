using Millrace.Storage;
using Millrace.Storage.Moves;

namespace Millrace.Moves.Tests;

/// <summary>
/// Tests that an interrupted move continues from its position, and that a move can keep the old store up to date.
/// </summary>
public sealed class InterruptedMoveTests
{
    [PostgreSqlTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_move_that_is_interrupted_repeatedly_completes(int seed)
    {
        await using var stores = await MoveStores.Create();
        await using (var sqlite = stores.Sqlite())
        {
            await sqlite.Open(default);
            var history = new RandomHistory(sqlite, seed);
            await history.Begin();
            await history.Run(150);
        }
        var random = new Random(seed);
        var options = new StoreMoveOptions { SegmentPositions = 100, PageEvents = 10 };
        string[] expected;
        for (var tries = 1; ; tries++)
        {
            await using var file = stores.Sqlite();
            await using var database = stores.PostgreSqlWithNodeClock();
            if ((await ((IMovableStorage)file).Moves.GetState(default)).Role != MoveRole.Moved)
            {
                await file.Open(default);
                var laterHistory = new RandomHistory(file, (seed * 100) + tries);
                await laterHistory.Begin();
                await laterHistory.Run(5);
            }
            expected = await StoreContent.Of(file);
            using var stop = new CancellationTokenSource();
            var steps = new StopAfter(tries * random.Next(1, 20), stop);
            try
            {
                await new StoreMove(file, database, options).Run(steps, stop.Token);
            }
            catch (OperationCanceledException)
            {
                continue;
            }
            Assert.Equal(expected, await StoreContent.Of(database));
            Assert.True(tries > 1, "The move was never interrupted.");
            return;
        }
    }

    [PostgreSqlFact]
    public async Task A_move_can_be_reverted()
    {
        await using var stores = await MoveStores.Create();
        await using var file = stores.Sqlite();
        await using var database = stores.PostgreSqlWithNodeClock();
        await using (var sqlite = stores.Sqlite())
        {
            await sqlite.Open(default);
            await new RandomHistory(sqlite, 7).Begin();
        }
        var move = new StoreMove(file, database);
        await move.Run();
        using var stop = new CancellationTokenSource();
        var reached = new Reached();
        var replication = move.ReplicateBack(reached, stop.Token);
        await database.Open(default);
        var history = new RandomHistory(database, 8);
        await history.Begin();
        await history.Run(60);
        var head = await database.Log.GetHead(default);

        await Testing.Eventually.Until(() => reached.Position >= head.Position);
        await stop.CancelAsync();
        await replication;

        Assert.Equal(MoveRole.Moved, (await ((IMovableStorage)file).Moves.GetState(default)).Role);
        var back = await new StoreMove(database, file).Run();
        Assert.Equal(0, back.Events);
        Assert.Equal(await StoreContent.Of(database), await StoreContent.Of(file));
    }

    private sealed class StopAfter(int steps, CancellationTokenSource stop) : IProgress<MaintenanceProgress>
    {
        private int _remainingSteps = steps;

        public void Report(MaintenanceProgress value)
        {
            if (--_remainingSteps == 0)
                stop.Cancel();
        }
    }

    private sealed class Reached : IProgress<MaintenanceProgress>
    {
        private long _position;

        public long Position => Interlocked.Read(ref _position);

        public void Report(MaintenanceProgress value) => Interlocked.Exchange(ref _position, value.Done);
    }
}
