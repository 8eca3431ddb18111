using Millrace.Storage;

namespace Millrace.Sqlite.Tests;

/// <summary>Tests a disk that is full, read-only or failing.</summary>
public sealed class DiskTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_store_at_its_size_limit_refuses_appends_and_keeps_its_events()
    {
        var path = _directory["shop.db"];
        var accepted = await FillUp(path, options => options.MaxSizeBytes = 1024 * 1024);

        await using var storage = await TestData.Open(path);

        Assert.Equal(accepted, (await storage.ReadAll()).Count);
        Assert.True((await storage.Maintenance.Verify(null, TestData.Cancel)).IsSound);
        // The limit is an option, so the store accepts appends without it.
        await storage.Commit(TestData.Append("order-1", TestData.Event()));
    }

    [EnvironmentFact(MachineRequirement.Mount)]
    public async Task A_full_disk_refuses_appends_and_loses_nothing()
    {
        using var disk = new SmallDisk(megabytes: 3);
        await File.WriteAllBytesAsync(disk["ballast"], new byte[500_000]);
        var accepted = await FillUp(disk["shop.db"], _ => { });
        File.Delete(disk["ballast"]);

        await using var storage = await TestData.Open(disk["shop.db"]);

        Assert.Equal(accepted, (await storage.ReadAll()).Count);
        Assert.True((await storage.Maintenance.Verify(null, TestData.Cancel)).IsSound);
        await storage.Commit(TestData.Append("order-1", TestData.Event()));
    }

    [EnvironmentFact(MachineRequirement.Mount)]
    public async Task A_read_only_disk_is_reported()
    {
        using var disk = new SmallDisk(megabytes: 3);
        await using (await TestData.Open(disk["shop.db"]))
        {
        }
        disk.MakeReadOnly();

        var refused = await Assert.ThrowsAsync<StorageException>(() => TestData.Open(disk["shop.db"]));

        Assert.Equal(StorageProblem.ReadOnly, refused.Problem);
        Assert.Contains("write access", refused.Message, StringComparison.Ordinal);
    }

    [EnvironmentFact(MachineRequirement.Mount)]
    public async Task A_backup_to_a_full_disk_is_refused_and_leaves_no_file()
    {
        using var disk = new SmallDisk(megabytes: 1);
        await using var storage = await TestData.Open(_directory["shop.db"]);
        for (var i = 0; i < 20; i++)
            await storage.Commit(
                TestData.Append($"order-{i}", [.. Enumerable.Range(0, 30).Select(_ => TestData.Event(bytes: 3000))]));

        var refused = await Assert.ThrowsAsync<StorageException>(
            () => storage.Maintenance.Backup(disk["copy.db"], null, TestData.Cancel).AsTask());

        Assert.Equal(StorageProblem.Full, refused.Problem);
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(disk["x"])!));
    }

    /// <summary>
    /// Appends until the store is full, then tries some more appends. Returns the number of accepted events.
    /// </summary>
    private static async Task<int> FillUp(string path, Action<SqliteOptions> configure)
    {
        await using var storage = await TestData.Open(path, configure);
        var (accepted, refused) = (0, 0);
        while (refused < 5)
        {
            try
            {
                await storage.Commit(TestData.Append(
                    $"order-{accepted % 7}", [.. Enumerable.Range(0, 5).Select(_ => TestData.Event(bytes: 2000))]));
                accepted += 5;
            }
            catch (StorageException exception)
            {
                Assert.Equal(StorageProblem.Full, exception.Problem);
                Assert.True(exception.IsTransient);
                refused++;
            }
        }
        return accepted;
    }
}
