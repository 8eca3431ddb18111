namespace Millrace.Sqlite.Tests;

/// <summary>Tests that the write-ahead log is copied into the file and restarts while commits continue.</summary>
public sealed class WalCheckpointerTests : IDisposable
{
    private const int Pages = 200;
    private const int PageBytes = 4096;
    private const int Commits = 1_500;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Under_steady_writing_the_log_has_a_limited_size_and_no_event_is_lost()
    {
        var path = _directory["shop.db"];
        await using (var storage = await TestData.Open(path, options => options.CheckpointPages = Pages))
        {
            await Write(storage);

            // Four checkpoints and one commit. Ten times that size leaves room for a slow disk.
            Assert.InRange(new FileInfo(path + "-wal").Length, 1, 10L * 4 * Pages * PageBytes);
            Assert.True(
                new FileInfo(path).Length > Commits * 2_000L, "The events must be in the file before it is closed.");
            var info = await storage.Maintenance.GetInfo(TestData.Cancel);
            Assert.DoesNotContain(info.Details, detail => detail.Key == "write-ahead log not copied");
        }

        await using var again = await TestData.Open(path);
        Assert.Equal(Commits, (await again.ReadAll()).Count);
        Assert.True((await again.Maintenance.Verify(null, TestData.Cancel)).IsSound);
    }

    [Fact]
    public async Task Two_stores_that_write_and_checkpoint_in_turn_lose_no_event()
    {
        var path = _directory["shop.db"];
        await using (var first = await TestData.Open(path, options => options.CheckpointPages = Pages))
        await using (var second = await TestData.Open(path, options => options.CheckpointPages = Pages))
            await Task.WhenAll(Task.Run(() => Write(first)), Task.Run(() => Write(second)));

        await using var again = await TestData.Open(path);
        Assert.Equal(2 * Commits, (await again.ReadAll()).Count);
        Assert.True((await again.Maintenance.Verify(null, TestData.Cancel)).IsSound);
    }

    [Fact]
    public async Task A_store_that_is_closed_during_a_checkpoint_is_complete()
    {
        var path = _directory["shop.db"];
        for (var round = 1; round <= 10; round++)
        {
            await using (var storage = await TestData.Open(path, options => options.CheckpointPages = 100))
            {
                for (var i = 0; i < 40; i++)
                    await storage.Commit(TestData.Append($"s-{i}", TestData.Event(bytes: 20_000)));
            }

            await using var again = await TestData.Open(path);
            Assert.Equal(round * 40, (await again.ReadAll()).Count);
        }
    }

    private static async Task Write(SqliteStorage storage)
    {
        for (var i = 0; i < Commits; i++)
        {
            var outcome = await storage.Commit(TestData.Append($"stream-{i % 300}", TestData.Event(bytes: 2_000)));
            Assert.Null(outcome.Refusal);
        }
    }
}
