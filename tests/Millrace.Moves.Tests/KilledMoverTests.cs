using Millrace.Storage.Moves;
using Xunit.Abstractions;

namespace Millrace.Moves.Tests;

/// <summary>The mover is killed at any moment, while an application writes: it continues when it is run again, or is
/// given up.</summary>
public sealed class KilledMoverTests(ITestOutputHelper output)
{
    private const int Old = 20_000;
    private const int MinMilliseconds = 300; // The tool needs about as long to start.
    private const int MaxMilliseconds = 4_000;

    private static readonly int Kills = Environment.GetEnvironmentVariable("MILLRACE_LONG") == "1" ? 60 : 6;

    [PostgreSqlFact]
    public async Task A_mover_that_is_killed_again_and_again_loses_nothing_and_comes_to_its_end()
    {
        await using var places = await MoveStores.Make();
        await places.Fill(Old);
        await using var shop = await RunningShop.Start(millrace => millrace
            .UseSqlite(places.File).FollowMovesTo(other => other.UsePostgreSql(places.ConnectionString)));
        shop.Open(writers: 4);
        var random = new Random(17);
        var (isThere, kills, ends) = (false, 0, 0);

        while (kills < Kills || ends < 2)
        {
            string[] way = isThere ? [places.ConnectionString, places.File] : [places.File, places.ConnectionString];
            using var mover = MoveProcess.Start(way);
            var delay = TimeSpan.FromMilliseconds(random.Next(MinMilliseconds, MaxMilliseconds));
            if (kills < Kills && await mover.KillAfter(delay))
            {
                kills++;
                output.WriteLine(
                    $"Killed after {delay.TotalMilliseconds:0} ms, "
                        + $"{(isThere ? "on the way back" : "on the way there")}."
                );
            }
            else
            {
                var (code, said) = await mover.End();
                Assert.True(code == 0, said);
                output.WriteLine(said.Trim());
                ends++;
            }
            // Writers continue wherever the store is; but for one that is switched and not opened yet, which the next
            // run does.
            var before = shop.Acknowledged.Count;
            if (await places.FindOpen() is not { } open)
                continue;
            // It may have been killed when all was done.
            isThere = open.StartsWith("PostgreSQL", StringComparison.Ordinal);
            await shop.WaitForWriters(before + 20);
        }
        if (isThere)
        {
            using var home = MoveProcess.Start(places.ConnectionString, places.File);
            Assert.Equal(0, (await home.End()).Code);
        }
        await shop.Close();

        await shop.Check(places, Old);
    }

    [PostgreSqlFact]
    public async Task A_move_whose_mover_was_killed_is_given_up_and_leaves_nothing_in_the_store()
    {
        await using var places = await MoveStores.Make();
        await places.Fill(Old);
        await using var shop = await RunningShop.Start(millrace => millrace.UseSqlite(places.File));
        shop.Open(writers: 2);
        var isKilled = false;
        for (var delay = 1_200; !isKilled; delay -= 100)
        {
            Assert.True(delay > 0, "The move always came to its end.");
            // It does not switch so soon.
            using var mover = MoveProcess.Start(places.File, places.ConnectionString, "--longest-hold", "1");
            isKilled = await mover.KillAfter(TimeSpan.FromMilliseconds(delay));
        }

        using var giving = MoveProcess.Start(places.File, places.ConnectionString, "--abandon");
        var (code, said) = await giving.End();
        var before = shop.Acknowledged.Count;
        await shop.WaitForWriters(before + 20);
        await shop.Close();

        Assert.True(code == 0, said);
        await using var file = places.Sqlite();
        var state = await ((IMovableStorage)file).Moves.GetState(default);
        // No table and no trigger of the move is left.
        Assert.Equal((MoveRole.None, 0), (state.Role, state.Foreign.Count));
        await shop.Check(places, Old);
    }
}
