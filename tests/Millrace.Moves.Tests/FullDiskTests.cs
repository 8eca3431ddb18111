using Millrace.PostgreSql;
using Millrace.Sqlite;
using Millrace.Storage;
using Millrace.Storage.Moves;

namespace Millrace.Moves.Tests;

/// <summary>
/// Tests a move to a full disk. The store remains in its old storage, and the move continues when the disk has free
/// space.
/// </summary>
public sealed class FullDiskTests
{
    private const int InitialEvents = 20_000;

    [SmallDiskTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_move_without_disk_space_keeps_the_store_and_continues_later(bool toDatabase)
    {
        await using var disk = await SmallDisk.Mount(megabytes: 64);
        await using var server = toDatabase ? await PostgreSqlServer.Start() : null;
        await using var stores = await MoveStores.Create();
        await stores.Fill(InitialEvents);
        await using var shop = await RunningShop.Start(millrace => millrace.UseSqlite(stores.File));
        shop.StartWriters(writers: 2);
        await using var file = stores.Sqlite();
        await using var target = await Target(disk, server);
        var progress = new FillAt(disk, InitialEvents / 4);

        var failure = await Record.ExceptionAsync(() => new StoreMove(file, target).Run(progress));
        var before = shop.Acknowledged.Count;
        await shop.WaitForWriters(before + 20);
        Assert.True(failure is StorageException { Problem: StorageProblem.Full }, $"{failure}");
        disk.Empty();
        await shop.StopWriters();
        var report = await new StoreMove(file, target).Run();

        Assert.True(report.Events > 0);
        Assert.Equal(InitialEvents + shop.Acknowledged.Count, report.Head.Position);
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

    /// <summary>Fills the disk when the move reaches a position.</summary>
    private sealed class FillAt(SmallDisk disk, long position) : IProgress<MaintenanceProgress>
    {
        private int _isFull;

        public void Report(MaintenanceProgress value)
        {
            if (value.Done >= position && Interlocked.Exchange(ref _isFull, 1) == 0)
                Fill();
        }

        /// <summary>Fills the disk. If the server writes at the same time, the method tries again.</summary>
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
