using Millrace.Storage.Objects;
using Servers;

namespace Millrace.Tests.Storage.Objects;

public sealed class DirectoryObjectStorageTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-objects-").FullName;

    private static CancellationToken Cancel => CancellationToken.None;

    private string Root => Path.Combine(_directory, "backups");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_missing_directory_is_unavailable_and_is_not_created()
    {
        var storage = new DirectoryObjectStorage(Root);

        foreach (var operation in Operations(storage))
        {
            var refused = await Assert.ThrowsAsync<ObjectStorageException>(operation);

            Assert.Equal(ObjectStorageProblem.Unavailable, refused.Problem);
            Assert.True(refused.IsTransient);
            Assert.Contains(Root, refused.Message, StringComparison.Ordinal);
            Assert.Contains("mount", refused.Message, StringComparison.Ordinal);
        }
        Assert.False(Directory.Exists(Root));

        Directory.CreateDirectory(Root);
        foreach (var operation in Operations(storage))
            await operation();
    }

    [Fact]
    public async Task Files_of_interrupted_puts_and_of_other_programs_are_not_listed()
    {
        var storage = Create();
        await storage.Put("log/1", new byte[10], Cancel);
        string[] others = [".partial-a1b2", "log/.partial-c3d4.e5f", "log/.nfs0001", "log/Notes.TXT", "~lock"];
        foreach (var file in others)
            await File.WriteAllTextAsync(Path.Combine(Root, file), "other");

        Assert.Equal([new StoredObject("log/1", 10)], await List(storage, ""));
        Assert.Equal([new StoredObject("log/1", 10)], await List(storage, "log/"));
    }

    [Fact]
    public async Task Directories_of_other_programs_are_not_searched()
    {
        var storage = Create();
        await storage.Put("log/1", new byte[10], Cancel);
        var other = Directory.CreateDirectory(Path.Combine(Root, "lost+found"));
        Directory.CreateSymbolicLink(Path.Combine(Root, "log", "loop"), Root);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(other.FullName, UnixFileMode.None); // Only root can read it.

        Assert.Equal([new StoredObject("log/1", 10)], await List(storage, ""));
    }

    [Fact]
    public async Task A_put_leaves_only_the_object_whether_it_succeeds_or_is_cancelled()
    {
        var storage = Create();
        await storage.Put("log/1", new byte[10], Cancel);
        await storage.Put("log/1", new byte[20], Cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await storage.Put("log/2", new byte[20], new CancellationToken(canceled: true)));

        Assert.Equal(["1"], Directory.EnumerateFileSystemEntries(Path.Combine(Root, "log")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_name_below_a_stored_object_is_refused_and_both_calls_name_the_place()
    {
        var storage = Create();
        await storage.Put("log", new byte[10], Cancel);

        var refused = await Assert.ThrowsAsync<ObjectStorageException>(
            async () => await storage.Put("log/1", new byte[10], Cancel));

        Assert.Equal(ObjectStorageProblem.Other, refused.Problem);
        Assert.False(refused.IsTransient);
        Assert.Contains(
            $"'log/1' was not written in the directory '{Root}'", refused.Message, StringComparison.Ordinal);
        Assert.Null(await storage.Get("log/1", Cancel));
        await storage.Delete("log/1", Cancel);
        Assert.NotNull(await storage.Get("log", Cancel));
    }

    [Fact]
    public async Task A_file_that_is_too_large_is_not_read()
    {
        var storage = Create();
        await using (var file = File.Create(Path.Combine(Root, "large")))
            file.SetLength(ObjectName.MaxObjectBytes + 1L);

        var refused = await Assert.ThrowsAsync<ObjectStorageException>(async () => await storage.Get("large", Cancel));

        Assert.Contains("at most 64 MiB", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_object_of_the_maximum_size_is_stored()
    {
        var storage = Create();

        await storage.Put("large", new byte[ObjectName.MaxObjectBytes], Cancel);

        Assert.Equal([new StoredObject("large", ObjectName.MaxObjectBytes)], await List(storage, ""));
    }

    [SmallDiskFact]
    [Trait(TestRun.Kind, TestRun.Whole)]
    public async Task A_full_disk_is_reported_and_the_previous_object_remains()
    {
        await using var disk = await SmallDisk.Mount(megabytes: 4);
        var storage = new DirectoryObjectStorage(disk.Directory);
        var previous = new byte[100_000];
        Random.Shared.NextBytes(previous);
        await storage.Put("manifest", previous, Cancel);

        var refused = await Assert.ThrowsAsync<ObjectStorageException>(
            async () => await storage.Put("manifest", new byte[5_000_000], Cancel));

        Assert.Equal(ObjectStorageProblem.Full, refused.Problem);
        Assert.True(refused.IsTransient);
        Assert.Equal(previous, (await storage.Get("manifest", Cancel))!.Value.ToArray());
        Assert.Single(Directory.EnumerateFileSystemEntries(disk.Directory)); // No part takes the space.
        await disk.Fill();
        await Assert.ThrowsAsync<ObjectStorageException>(async () => await storage.Put("next", previous, Cancel));
        disk.Empty();
        await storage.Put("next", previous, Cancel);
    }

    private DirectoryObjectStorage Create()
    {
        Directory.CreateDirectory(Root);
        return new DirectoryObjectStorage(Root);
    }

    private static async Task<List<StoredObject>> List(DirectoryObjectStorage storage, string prefix) =>
        await storage.List(prefix, Cancel).ToListAsync(Cancel);

    private static Func<Task>[] Operations(DirectoryObjectStorage storage) =>
    [
        async () => await storage.Put("log/1", new byte[10], Cancel),
        async () => await storage.Get("log/1", Cancel),
        async () => await List(storage, ""),
        async () => await storage.Delete("log/1", Cancel),
    ];
}
