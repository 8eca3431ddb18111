using Millrace.Storage;

namespace Millrace.Sqlite.Tests;

/// <summary>Tests the check whether the file can be read.</summary>
public sealed class PingTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_file_that_was_removed_does_not_answer_until_it_is_back_and_is_not_created()
    {
        var path = _directory["shop.db"];
        await using var storage = await TestData.Open(path);
        await storage.Ping(CancellationToken.None);

        File.Move(path, path + ".moved");
        await Assert.ThrowsAsync<StorageException>(() => storage.Ping(CancellationToken.None).AsTask());
        Assert.False(File.Exists(path));

        File.Move(path + ".moved", path);
        await storage.Ping(CancellationToken.None);
    }

    [Fact]
    public async Task A_file_that_was_removed_accepts_no_append_until_it_is_back()
    {
        var path = _directory["shop.db"];
        await using var storage = await TestData.Open(path);
        await storage.Commit(TestData.Append("order-1", TestData.Event()));

        File.Move(path, path + ".moved");
        var refused = await Assert.ThrowsAsync<StorageException>(
            () => storage.Commit(TestData.Append("order-2", TestData.Event())));
        File.Move(path + ".moved", path);
        await storage.Commit(TestData.Append("order-3", TestData.Event()));

        Assert.Equal(StorageProblem.Unavailable, refused.Problem);
        Assert.Equal(["order-1", "order-3"], (await storage.ReadAll()).Select(static one => one.Stream.Value));
    }

    [Fact]
    public async Task A_file_answers_while_another_program_writes()
    {
        var path = _directory["shop.db"];
        await using var storage = await TestData.Open(path);
        await using var other = await TestData.Open(path);

        await other.Commit(TestData.Append("order-1", TestData.Event()));
        await storage.Ping(CancellationToken.None);
    }
}
