using Millrace.Storage;

namespace Millrace.Sqlite.Tests;

public sealed class BackupTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_backup_holds_what_the_store_held_and_can_be_opened()
    {
        await using var storage = await Given.Open(_directory["shop.db"]);
        await Fill(storage);

        await storage.Maintenance.Backup(_directory["copy.db"], null, Given.Cancel);
        await storage.Commit(Given.Append("later-1", Given.Event()));

        await using var copy = await Given.Open(_directory["copy.db"]);
        Assert.Equal(2000, (await copy.ReadAll()).Count);
        Assert.True((await copy.Maintenance.Verify(null, Given.Cancel)).IsSound);
    }

    [Fact]
    public async Task What_stands_at_the_destination_is_never_overwritten()
    {
        await using var storage = await Given.Open(_directory["shop.db"]);
        await File.WriteAllTextAsync(_directory["copy.db"], "mine");

        var refused = await Assert.ThrowsAsync<StorageException>(
            () => storage.Maintenance.Backup(_directory["copy.db"], null, Given.Cancel).AsTask());

        Assert.Contains("copy.db", refused.Message, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(_directory["copy.db"]));
    }

    [Fact]
    public async Task A_cancelled_backup_leaves_nothing()
    {
        await using var storage = await Given.Open(_directory["shop.db"]);
        await Fill(storage);
        using var cancellation = new CancellationTokenSource();
        var progress = new CancelAtOnce(cancellation);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => storage.Maintenance.Backup(_directory["copy.db"], progress, cancellation.Token).AsTask());

        Assert.Empty(Directory.GetFiles(System.IO.Path.GetDirectoryName(_directory["x"])!, "copy*"));
    }

    [Fact]
    public async Task A_backup_to_nowhere_is_refused_with_the_reason()
    {
        await using var storage = await Given.Open(_directory["shop.db"]);

        var refused = await Assert.ThrowsAsync<StorageException>(
            () => storage.Maintenance.Backup(_directory["nowhere/copy.db"], null, Given.Cancel).AsTask());

        Assert.Equal(StorageProblem.Unavailable, refused.Problem);
    }

    private static async Task Fill(SqliteStorage storage)
    {
        for (var i = 0; i < 20; i++)
            await storage.Commit(Given.Append($"order-{i}", [.. Enumerable.Range(0, 100).Select(_ => Given.Event(bytes: 3000))]));
    }

    private sealed class CancelAtOnce(CancellationTokenSource cancellation) : IProgress<MaintenanceProgress>
    {
        public void Report(MaintenanceProgress value) => cancellation.Cancel();
    }
}
