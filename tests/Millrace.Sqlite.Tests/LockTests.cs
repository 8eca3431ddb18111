using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Log;

namespace Millrace.Sqlite.Tests;

/// <summary>
/// Tests that the file locks that protect a write-ahead log from other programs are kept while a store is open.
/// </summary>
public sealed class LockTests : IDisposable
{
    private static readonly TimeSpan MaxTime = TimeSpan.FromMinutes(5);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_second_open_in_the_process_keeps_the_log_protected_from_other_programs()
    {
        var path = _directory["shop.db"];
        await using var storage = await TestData.Open(path);
        await storage.Commit(TestData.Append("order-1", TestData.Event()));
        await using (await TestData.Open(path))
        {
        }

        await OpenAndClose(path);
        await storage.Commit(TestData.Append("order-1", TestData.Event()));

        Assert.True(File.Exists(path + "-wal"), "The write-ahead log was removed while the store was open.");
        using var peer = await Peer.Start("append", path, "1", "1");
        Assert.Equal([3], Peer.Acknowledged(await peer.ReadToEnd()).Select(item => item.Position));
    }

    [Fact]
    public async Task A_refused_file_of_a_newer_version_keeps_its_log()
    {
        var path = _directory["shop.db"];
        await using (await TestData.Open(path))
        {
        }
        using (var newer = Connection.Open(path, ConnectionKind.Write, TimeSpan.Zero))
        {
            newer.KeepLogOnClose();
            newer.Execute("PRAGMA user_version = 99");
        }
        var before = await File.ReadAllBytesAsync(path + "-wal");

        await Assert.ThrowsAsync<Storage.StorageException>(() => TestData.Open(path));

        Assert.NotEmpty(before);
        Assert.Equal(before, await File.ReadAllBytesAsync(path + "-wal"));
    }

    [EnvironmentFact(MachineRequirement.Strace)]
    public async Task After_a_commit_in_doubt_the_log_is_protected_from_other_programs()
    {
        var path = _directory["shop.db"];
        await using (await TestData.Open(path))
        {
        }
        string[] strace =
        [
            "strace", "-f", "-qq", "-o", "/dev/null", "-P", path, "-P", path + "-wal",
            "-e", "trace=fdatasync,fsync", "-e", "inject=fdatasync,fsync:error=EIO:when=20+25",
        ];
        using var peer = await Peer.StartUnder(strace, "append", path, "4", "100");
        var (reading, started) = (peer.ReadToEnd(), TimeProvider.System.GetTimestamp());
        while (!reading.IsCompleted)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < MaxTime, "The program makes no progress.");
            using var other = Connection.Open(path, ConnectionKind.Write, TimeSpan.FromMinutes(1));
            SqliteLog.ReadHead(other); // If no other program had the file open, closing it would remove the log.
        }

        await using var storage = await TestData.Open(path);
        var log = await storage.ReadAll();
        var acknowledged = Peer.Acknowledged(await reading).ToHashSet();

        Assert.NotEmpty(acknowledged);
        Assert.Subset(
            log.Select(item => (item.Stream.Value, item.Version, item.Position, item.Id)).ToHashSet(), acknowledged);
        Assert.True((await storage.Maintenance.Verify(null, TestData.Cancel)).IsSound);
    }

    private static async Task OpenAndClose(string path)
    {
        using var peer = await Peer.Start("glance", path);
        Assert.Equal("DONE", Assert.Single(await peer.ReadToEnd()));
    }
}
