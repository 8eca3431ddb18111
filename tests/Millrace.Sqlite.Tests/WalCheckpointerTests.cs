namespace Millrace.Sqlite.Tests;

/// <summary>The write-ahead log is copied into the file while commits continue, and starts again.</summary>
public sealed class WalCheckpointerTests : IDisposable
{
    private const int Pages = 200;
    private const int PageBytes = 4096;
    private const int Commits = 1_500;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Under_steady_writing_the_log_stays_bounded_and_nothing_is_lost()
    {
        var path = _directory["shop.db"];
        await using (var storage = await Given.Open(path, options => options.CheckpointPages = Pages))
        {
            await Write(storage);

            // Four turns of the copying, and what one commit writes: ten times that leaves room for a slow disk.
            Assert.InRange(new FileInfo(path + "-wal").Length, 1, 10L * 4 * Pages * PageBytes);
            Assert.True(
                new FileInfo(path).Length > Commits * 2_000L, "What was written is in the file before it is closed.");
            var info = await storage.Maintenance.GetInfo(Given.Cancel);
            Assert.DoesNotContain(info.Details, detail => detail.Key == "write-ahead log not copied");
        }

        await using var again = await Given.Open(path);
        Assert.Equal(Commits, (await again.ReadAll()).Count);
        Assert.True((await again.Maintenance.Verify(null, Given.Cancel)).IsSound);
    }

    [Fact]
    public async Task Two_programs_that_write_and_copy_in_turn_lose_nothing()
    {
        var path = _directory["shop.db"];
        await using (var one = await Given.Open(path, options => options.CheckpointPages = Pages))
        await using (var other = await Given.Open(path, options => options.CheckpointPages = Pages))
            await Task.WhenAll(Task.Run(() => Write(one)), Task.Run(() => Write(other)));

        await using var again = await Given.Open(path);
        Assert.Equal(2 * Commits, (await again.ReadAll()).Count);
        Assert.True((await again.Maintenance.Verify(null, Given.Cancel)).IsSound);
    }

    [Fact]
    public async Task A_store_that_is_closed_while_it_copies_closes_whole()
    {
        var path = _directory["shop.db"];
        for (var round = 1; round <= 10; round++)
        {
            await using (var storage = await Given.Open(path, options => options.CheckpointPages = 100))
            {
                for (var i = 0; i < 40; i++)
                    await storage.Commit(Given.Append($"s-{i}", Given.Event(bytes: 20_000)));
            }

            await using var again = await Given.Open(path);
            Assert.Equal(round * 40, (await again.ReadAll()).Count);
        }
    }

    private static async Task Write(SqliteStorage storage)
    {
        for (var i = 0; i < Commits; i++)
        {
            var outcome = await storage.Commit(Given.Append($"stream-{i % 300}", Given.Event(bytes: 2_000)));
            Assert.Null(outcome.Refusal);
        }
    }
}
