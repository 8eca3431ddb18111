using Millrace.Storage;

namespace Millrace.Sqlite.Tests;

/// <summary>Tests which files count as missing, so that a lost store is not created again.</summary>
public sealed class MissingFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-missing-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_file_is_missing_until_it_has_a_store()
    {
        var path = Path.Combine(_directory, "one.db");
        await using var storage = new SqliteStorage(path);
        Assert.Equal(path, storage.MissingFile);
        await File.WriteAllBytesAsync(path, []);
        Assert.Equal(path, storage.MissingFile);

        await storage.Open(default);

        Assert.Null(storage.MissingFile);
        await using var elsewhere = new SqliteStorage(Path.Combine(_directory, "unmounted", "one.db"));
        Assert.NotNull(elsewhere.MissingFile);
        await Assert.ThrowsAsync<StorageException>(async () => await elsewhere.Open(default)); // Creates no directory.
    }

    [Fact]
    public async Task A_file_that_may_not_be_read_is_not_missing_and_its_open_reports_the_error()
    {
        if (OperatingSystem.IsWindows())
            return;
        // Also root cannot read through a link to itself.
        var loop = Path.Combine(_directory, "loop");
        Directory.CreateSymbolicLink(loop, loop);
        await using var storage = new SqliteStorage(Path.Combine(loop, "one.db"));

        Assert.Null(storage.MissingFile);
        await Assert.ThrowsAsync<StorageException>(async () => await storage.Open(default));
    }
}
