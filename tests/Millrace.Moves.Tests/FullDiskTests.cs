using Millrace.PostgreSql;
using Millrace.Sqlite;
using Millrace.Storage;
using Millrace.Storage.Moves;

namespace Millrace.Moves.Tests;

/// <summary>
/// The place that a store is moved to has no room left: the store stays where it is, and the move continues when there
/// is room.
/// </summary>
public sealed class FullDiskTests
{
    private const int Old = 20_000;

    [SmallDiskTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_move_without_disk_space_keeps_the_store_and_continues_later(bool toDatabase)
    {
        await using var disk = await SmallDisk.Mount(megabytes: 64);
        await using var server = toDatabase ? await PostgreSqlServer.Start() : null;
        await using var places = await MoveStores.Make();
        await places.Fill(Old);
        await using var shop = await RunningShop.Start(millrace => millrace.UseSqlite(places.File));
        shop.Open(writers: 2);
        await using var file = places.Sqlite();
        await using var target = await Target(disk, server);
        var progress = new FillAt(disk, Old / 4);

        var failure = await Record.ExceptionAsync(() => new StoreMove(file, target).Run(progress));
        var before = shop.Acknowledged.Count;
        await shop.WaitForWriters(before + 20);
        Assert.True(failure is StorageException { Problem: StorageProblem.Full }, $"{failure}");
        disk.Empty();
        await shop.Close();
        var report = await new StoreMove(file, target).Run();

        Assert.True(report.Events > 0);
        Assert.Equal(Old + shop.Acknowledged.Count, report.Head.Position);
        await target.Open(default);
        var verified = await target.Maintenance.Verify(null, default);
        Assert.True(verified.IsSound, string.Join(" ", verified.Checks.SelectMany(check => check.Problems)));
        Assert.Equal(report.Head, await target.Log.GetHead(default));
    }

    private static async Task<IStorage> Target(SmallDisk disk, PostgreSqlServer? server)
    {
        if (server is null)
            return new SqliteStorage(Path.Combine(disk.Directory, "copy.db"));
        await server.Execute($"CREATE TABLESPACE small LOCATION '{disk.Directory}'");
        await server.Execute("CREATE DATABASE small TABLESPACE small");
        return new PostgreSqlStorage(server.ConnectionString("small"));
    }

    /// <summary>Leaves no room when the move has come so far.</summary>
    private sealed class FillAt(SmallDisk disk, long position) : IProgress<MaintenanceProgress>
    {
        private int _isFull;

        public void Report(MaintenanceProgress value)
        {
            if (value.Done >= position && Interlocked.Exchange(ref _isFull, 1) == 0)
                Fill();
        }

        /// <summary>The server may write between the look at what is used and the change: then it is tried
        /// again.</summary>
        private void Fill()
        {
            for (var tries = 1; ; tries++)
            {
                try
                {
                    disk.Fill().GetAwaiter().GetResult();
                    return;
                }
                catch (InvalidOperationException) when (tries < 50)
                {
                    Thread.Yield();
                }
            }
        }
    }
}
