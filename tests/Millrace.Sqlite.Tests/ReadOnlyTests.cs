using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Schema;
using Millrace.Storage;

namespace Millrace.Sqlite.Tests;

/// <summary>Tests that a reader without write access reads the whole file and cannot write.</summary>
public sealed class ReadOnlyTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_read_only_store_reads_new_events_of_other_programs_and_refuses_writes()
    {
        var path = _directory["shop.db"];
        await using var writer = await TestData.Open(path);
        await writer.Commit(TestData.Append("order-1", TestData.Event()));

        await using var reader = await OpenToRead(path);
        var change = reader.Log.WaitForChange(await reader.Log.GetHead(TestData.Cancel), TestData.Cancel);
        await writer.Commit(TestData.Append("order-1", TestData.Event()));
        await change;

        Assert.Equal(2, (await reader.ReadAll()).Count);
        await AssertRefusesToWrite(reader);
        Assert.Equal(2, (await writer.ReadAll()).Count);
    }

    [Fact]
    public async Task An_append_to_a_read_only_store_is_refused()
    {
        var path = _directory["shop.db"];
        await using (await TestData.Open(path))
        {
        }
        var storage = new SqliteStorage(new SqliteOptions { Path = path, IsReadOnly = true });
        await using var store = await EventStore.Open(storage, EventTypeMap.Empty);

        var refused = await Assert.ThrowsAsync<StorageException>(() =>
            store.Append(new StreamId("order-1"), ExpectedVersion.Any, [NewEvent.FromBytes("order.placed", default)]));

        Assert.Equal(StorageProblem.ReadOnly, refused.Problem);
        Assert.Equal(0, await store.Count(EventFilter.All));
    }

    [Fact]
    public async Task A_missing_file_is_not_created()
    {
        var refused = await Assert.ThrowsAsync<StorageException>(() => OpenToRead(_directory["shop.db"]));

        Assert.Equal(StorageProblem.Unavailable, refused.Problem);
        Assert.False(File.Exists(_directory["shop.db"]));
    }

    [Theory]
    [InlineData("", StorageProblem.NotAStore)]
    [InlineData("a letter to somebody", StorageProblem.NotAStore)]
    public async Task A_file_that_is_not_a_store_is_refused(string content, StorageProblem problem)
    {
        await File.WriteAllTextAsync(_directory["letter.txt"], content);

        var refused = await Assert.ThrowsAsync<StorageException>(() => OpenToRead(_directory["letter.txt"]));

        Assert.Equal(problem, refused.Problem);
        Assert.Equal(content, await File.ReadAllTextAsync(_directory["letter.txt"]));
    }

    [Fact]
    public async Task A_read_only_store_of_an_older_schema_is_refused_with_advice()
    {
        var path = _directory["shop.db"];
        using (var old = Connection.Open(path, ConnectionKind.Create, TimeSpan.Zero))
        {
            old.Execute(StoreSchema.Migrations[0]);
            old.Execute($"PRAGMA application_id = {StoreSchema.ApplicationId}; PRAGMA user_version = 1");
        }
        var before = await File.ReadAllBytesAsync(path);

        var refused = await Assert.ThrowsAsync<StorageException>(() => OpenToRead(path));

        Assert.Equal(StorageProblem.TooOld, refused.Problem);
        Assert.Contains("schema version 1", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(path));
    }

    [EnvironmentFact(MachineRequirement.Mount)]
    public Task A_store_on_a_read_only_disk_is_read() => ReadFromReadOnlyDisk("shop.db", isWithoutLogFiles: false);

    [EnvironmentFact(MachineRequirement.Mount)]
    public Task A_store_without_its_log_files_on_a_read_only_disk_is_read() =>
        ReadFromReadOnlyDisk("a %41?b#c ä.db", isWithoutLogFiles: true);

    [EnvironmentFact(MachineRequirement.Mount)]
    public async Task Commits_in_the_log_of_an_unclosed_store_are_read()
    {
        using var disk = new SmallDisk(megabytes: 3);
        await CopyWhileOpen(disk, "-wal", "-shm");

        await using var storage = await OpenToRead(disk["shop.db"]);

        Assert.Equal(3, (await storage.ReadAll()).Count);
    }

    [EnvironmentFact(MachineRequirement.Mount)]
    public async Task A_store_whose_log_cannot_be_read_is_refused()
    {
        using var disk = new SmallDisk(megabytes: 3);
        await CopyWhileOpen(disk, "-wal");

        var refused = await Assert.ThrowsAsync<StorageException>(() => OpenToRead(disk["shop.db"]));

        Assert.Equal(StorageProblem.ReadOnly, refused.Problem);
        Assert.Contains("write-ahead log", refused.Message, StringComparison.Ordinal);
    }

    [EnvironmentFact(MachineRequirement.Mount)]
    public async Task A_file_that_is_read_without_locks_is_not_read_after_a_write()
    {
        using var disk = new SmallDisk(megabytes: 3);
        await Fill(disk["shop.db"]);
        DeleteLogFiles(disk["shop.db"]);
        disk.MakeReadOnly();
        await using var storage = await OpenToRead(disk["shop.db"]);
        Assert.Equal(3, (await storage.ReadAll()).Count);

        disk.MakeWritable();
        await using var writer = await TestData.Open(disk["shop.db"]);
        await writer.Commit(TestData.Append("order-1", TestData.Event()));
        var refused = await Assert.ThrowsAsync<StorageException>(() => storage.ReadAll());

        Assert.Equal(StorageProblem.Unavailable, refused.Problem);
        await using var reopened = await OpenToRead(disk["shop.db"]);
        Assert.Equal(4, (await reopened.ReadAll()).Count);
    }

    private static Task<SqliteStorage> OpenToRead(string path) =>
        TestData.Open(path, options => options.IsReadOnly = true);

    private async Task ReadFromReadOnlyDisk(string name, bool isWithoutLogFiles)
    {
        using var disk = new SmallDisk(megabytes: 3);
        await Fill(disk[name]);
        if (isWithoutLogFiles)
            DeleteLogFiles(disk[name]);
        disk.MakeReadOnly();

        await using var storage = await OpenToRead(disk[name]);
        await storage.Maintenance.Backup(_directory["copy.db"], null, TestData.Cancel);
        await using var copy = await TestData.Open(_directory["copy.db"]);

        Assert.Equal([1, 2, 3], (await storage.ReadAll()).Select(item => item.Position));
        Assert.True((await storage.Maintenance.Verify(null, TestData.Cancel)).IsSound);
        Assert.Contains(
            new("opened", "for reading only"), (await storage.Maintenance.GetInfo(TestData.Cancel)).Details);
        Assert.Equal(3, (await copy.ReadAll()).Count);
        await AssertRefusesToWrite(storage);
    }

    private static async Task AssertRefusesToWrite(SqliteStorage storage)
    {
        Func<Task>[] writes =
        [
            () => storage.Commit(TestData.Append("order-1", TestData.Event())),
            () =>
                storage.Leases.Acquire(
                    "sales", 0, "node-1", TimeSpan.FromMinutes(1), TestData.Now, TestData.Cancel).AsTask(),
            () => storage.Documents.EnsureCollection(new CollectionDefinition("sales", []), TestData.Cancel).AsTask(),
            () => storage.Maintenance.StartEpoch(TestData.Cancel).AsTask(),
        ];
        foreach (var write in writes)
        {
            var refused = await Assert.ThrowsAsync<StorageException>(write);
            Assert.Equal(StorageProblem.ReadOnly, refused.Problem);
            Assert.Contains("for reading only", refused.Message, StringComparison.Ordinal);
        }
    }

    private static async Task Fill(string path)
    {
        await using var storage = await TestData.Open(path);
        await storage.Commit(TestData.Append("order-1", TestData.Event(), TestData.Event(), TestData.Event()));
    }

    private static void DeleteLogFiles(string path)
    {
        File.Delete(path + "-wal");
        File.Delete(path + "-shm");
    }

    /// <summary>Copies an open store with some log files, as after a crash, and makes the disk read-only.</summary>
    private async Task CopyWhileOpen(SmallDisk disk, params string[] suffixes)
    {
        var path = _directory["open.db"];
        await using (await TestData.Open(path))
        {
        }
        var storage = await TestData.Open(path);
        await storage.Commit(TestData.Append("order-1", TestData.Event(), TestData.Event(), TestData.Event()));
        foreach (var suffix in suffixes.Prepend(""))
            File.Copy(path + suffix, disk["shop.db" + suffix]);
        await storage.DisposeAsync();
        disk.MakeReadOnly();
    }
}
