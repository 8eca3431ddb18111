using Millrace.Storage.Moves;
using Xunit.Abstractions;

namespace Millrace.Moves.Tests;

/// <summary>
/// Tests that a move whose process is killed while an application writes can be continued or abandoned.
/// </summary>
public sealed class KilledMoverTests(ITestOutputHelper output)
{
    private const int InitialEvents = 20_000;
    private const int MinMilliseconds = 300; // The start of the tool takes about this time.
    private const int MaxMilliseconds = 4_000;

    private static readonly int Kills = TestRun.IsLong ? 60 : 6;

    [PostgreSqlFact]
    public async Task A_move_that_is_killed_repeatedly_completes_without_loss()
    {
        await using var stores = await MoveStores.Create();
        await stores.Fill(InitialEvents);
        await using var shop = await RunningShop.Start(millrace => millrace
            .UseSqlite(stores.File).FollowMovesTo(other => other.UsePostgreSql(stores.ConnectionString)));
        shop.StartWriters(writers: 4);
        var random = new Random(17);
        var (isInPostgreSql, kills, completedMoves) = (false, 0, 0);

        while (kills < Kills || completedMoves < 2)
        {
            string[] addresses = isInPostgreSql
                ? [stores.ConnectionString, stores.File]
                : [stores.File, stores.ConnectionString];
            using var mover = MoveProcess.Start(addresses);
            var delay = TimeSpan.FromMilliseconds(random.Next(MinMilliseconds, MaxMilliseconds));
            if (kills < Kills && await mover.KillAfter(delay))
            {
                kills++;
                output.WriteLine(
                    $"Killed after {delay.TotalMilliseconds:0} ms, "
                        + $"{(isInPostgreSql ? "on the move back" : "on the move to PostgreSQL")}."
                );
            }
            else
            {
                var (code, result) = await mover.End();
                Assert.True(code == 0, result);
                output.WriteLine(result.Trim());
                completedMoves++;
            }
            // Writers continue unless the store is switched but not opened yet. The next run opens it.
            var before = shop.Acknowledged.Count;
            if (await stores.FindOpen() is not { } open)
                continue;
            // The killed move may have been complete.
            isInPostgreSql = open.StartsWith("PostgreSQL", StringComparison.Ordinal);
            await shop.WaitForWriters(before + 20);
        }
        if (isInPostgreSql)
        {
            using var mover = MoveProcess.Start(stores.ConnectionString, stores.File);
            Assert.Equal(0, (await mover.End()).Code);
        }
        await shop.StopWriters();

        await shop.Check(stores, InitialEvents);
    }

    [PostgreSqlFact]
    public async Task A_killed_move_can_be_abandoned_and_leaves_no_trace_in_the_store()
    {
        await using var stores = await MoveStores.Create();
        await stores.Fill(InitialEvents);
        await using var shop = await RunningShop.Start(millrace => millrace.UseSqlite(stores.File));
        shop.StartWriters(writers: 2);
        var isKilled = false;
        for (var delay = 1_200; !isKilled; delay -= 100)
        {
            Assert.True(delay > 0, "The move always completed.");
            // A maximum hold of 1 ms delays the switch.
            using var mover = MoveProcess.Start(stores.File, stores.ConnectionString, "--longest-hold", "1");
            isKilled = await mover.KillAfter(TimeSpan.FromMilliseconds(delay));
        }

        using var abandoning = MoveProcess.Start(stores.File, stores.ConnectionString, "--abandon");
        var (code, result) = await abandoning.End();
        var before = shop.Acknowledged.Count;
        await shop.WaitForWriters(before + 20);
        await shop.StopWriters();

        Assert.True(code == 0, result);
        await using var file = stores.Sqlite();
        var state = await ((IMovableStorage)file).Moves.GetState(default);
        // No table and no trigger of the move is left.
        Assert.Equal((MoveRole.None, 0), (state.Role, state.Foreign.Count));
        await shop.Check(stores, InitialEvents);
    }
}
