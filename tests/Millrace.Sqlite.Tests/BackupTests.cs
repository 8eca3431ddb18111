using Millrace.Storage;

namespace Millrace.Sqlite.Tests;

public sealed class BackupTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_backup_contains_all_data_and_can_be_opened()
    {
        await using var storage = await TestData.Open(_directory["shop.db"]);
        await Fill(storage);

        await storage.Maintenance.Backup(_directory["copy.db"], null, TestData.Cancel);
        await storage.Commit(TestData.Append("later-1", TestData.Event()));

        await using var copy = await TestData.Open(_directory["copy.db"]);
        Assert.Equal(2000, (await copy.ReadAll()).Count);
        Assert.True((await copy.Maintenance.Verify(null, TestData.Cancel)).IsSound);
    }

    [Fact]
    public async Task An_existing_destination_is_never_overwritten()
    {
        await using var storage = await TestData.Open(_directory["shop.db"]);
        await File.WriteAllTextAsync(_directory["copy.db"], "mine");

        var refused = await Assert.ThrowsAsync<StorageException>(
            () => storage.Maintenance.Backup(_directory["copy.db"], null, TestData.Cancel).AsTask());

        Assert.Contains("copy.db", refused.Message, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(_directory["copy.db"]));
    }

    [Fact]
    public async Task A_cancelled_backup_leaves_no_file()
    {
        await using var storage = await TestData.Open(_directory["shop.db"]);
        await Fill(storage);
        using var cancellation = new CancellationTokenSource();
        var progress = new CancelImmediately(cancellation);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => storage.Maintenance.Backup(_directory["copy.db"], progress, cancellation.Token).AsTask());

        Assert.Empty(Directory.GetFiles(System.IO.Path.GetDirectoryName(_directory["x"])!, "copy*"));
    }

    [Fact]
    public async Task A_backup_to_a_missing_directory_is_refused_with_the_reason()
    {
        await using var storage = await TestData.Open(_directory["shop.db"]);

        var refused = await Assert.ThrowsAsync<StorageException>(
            () => storage.Maintenance.Backup(_directory["nowhere/copy.db"], null, TestData.Cancel).AsTask());

        Assert.Equal(StorageProblem.Unavailable, refused.Problem);
    }

    [EnvironmentFact(MachineRequirement.Strace)]
    public async Task A_backup_is_synced_before_its_rename_and_reported_afterwards()
    {
        await using (var storage = await TestData.Open(_directory["shop.db"]))
            await storage.Commit(TestData.Append("order-1", TestData.Event()));
        const string Traced = "trace=link,linkat,rename,renameat2,fsync,fdatasync";
        string[] strace = ["strace", "-f", "-qq", "-y", "-o", _directory["calls"], "-e", Traced];

        using (var peer = await Peer.StartUnder(strace, "backup", _directory["shop.db"], _directory["copy.db"]))
            Assert.Equal("DONE", Assert.Single(await peer.ReadToEnd()));

        var calls = await File.ReadAllLinesAsync(_directory["calls"]);
        var synced = Find(calls, 0, "sync(", "copy.db.unfinished>");
        var renamed = Find(calls, synced, "copy.db.unfinished\"", "copy.db\"");
        Find(calls, renamed, "fsync(", $"<{Path.GetDirectoryName(_directory["copy.db"])}>");
    }

    /// <summary>Returns the index of the next line that contains all parts.</summary>
    private static int Find(string[] calls, int from, params string[] parts)
    {
        var index = Array.FindIndex(
            calls, from, call => parts.All(part => call.Contains(part, StringComparison.Ordinal)));
        Assert.True(
            index >= 0,
            $"No call with {string.Join(" and ", parts)} after line {from} of:\n{string.Join('\n', calls)}");
        return index;
    }

    private static async Task Fill(SqliteStorage storage)
    {
        for (var i = 0; i < 20; i++)
            await storage.Commit(
                TestData.Append($"order-{i}", [.. Enumerable.Range(0, 100).Select(_ => TestData.Event(bytes: 3000))]));
    }

    private sealed class CancelImmediately(CancellationTokenSource cancellation) : IProgress<MaintenanceProgress>
    {
        public void Report(MaintenanceProgress value) => cancellation.Cancel();
    }
}
