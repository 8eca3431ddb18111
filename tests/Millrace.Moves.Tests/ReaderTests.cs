using Millrace.Storage;
using Millrace.Storage.Moves;
using Millrace.Store;
using Millrace.Testing;

namespace Millrace.Moves.Tests;

/// <summary>Tests that a reader does not keep the state from before a move.</summary>
public sealed class ReaderTests
{
    [PostgreSqlFact]
    public async Task A_following_reader_reads_new_events_of_the_moved_store()
    {
        await using var stores = await MoveStores.Create();
        await stores.Fill(200);
        var time = new ManualTimeProvider(DateTimeOffset.UtcNow);
        await using var reader = await EventStore.Open(
            new MoveAwareStorage(stores.Sqlite(), stores.PostgreSql(), TimeProvider.System),
            EventTypeMap.Empty,
            time: time);
        await MoveAndWrite(stores);

        await Eventually.Get(
            async () =>
            {
                time.Advance(MoveWatcher.CheckInterval);
                return await reader.Count(EventFilter.All);
            },
            count => count == 201);

        Assert.Equal(201, (await reader.ReadLogBackwards(EventFilter.All).FirstAsync()).Position);
    }

    [PostgreSqlFact]
    public async Task A_reader_that_does_not_follow_logs_the_move()
    {
        await using var stores = await MoveStores.Create();
        await stores.Fill(200);
        var time = new ManualTimeProvider(DateTimeOffset.UtcNow);
        using var log = new RecordedLog();
        await using var reader = await EventStore.Open(stores.Sqlite(), EventTypeMap.Empty, time: time, loggers: log);
        await MoveAndWrite(stores);

        var loggedText = await Eventually.Get(
            () =>
            {
                time.Advance(MoveWatcher.CheckInterval);
                var texts = log.Entries.Select(entry => entry.Text);
                return Task.FromResult(
                    texts.FirstOrDefault(text => text.Contains("was moved to", StringComparison.Ordinal)));
            },
            text => text is not null);

        await using var database = stores.PostgreSql();
        Assert.Contains(database.Description, loggedText, StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task Pages_started_before_a_move_continue_after_it()
    {
        await using var stores = await MoveStores.Create();
        await stores.Fill(200);
        await using var following = new MoveAwareStorage(stores.Sqlite(), stores.PostgreSql(), TimeProvider.System);
        await following.Open(CancellationToken.None);
        await using var pages = following.Log.ReadPages(
            new LogPageQuery(EventFilter.All, 1, IsBackwards: false, Limit: 30));
        var positions = await ReadPages(pages, 2);

        await MoveAndWrite(stores);
        await following.Execute(
            static (storage, _, cancel) => ((IMovableStorage)storage).Moves.ThrowIfClosed(cancel),
            0,
            CancellationToken.None); // The reader notices the move.
        positions.AddRange(await ReadPages(pages, int.MaxValue));

        Assert.Equal(Positions(201), positions);
    }

    private static IEnumerable<long> Positions(int last) =>
        Enumerable.Range(1, last).Select(static position => (long)position);

    private static async Task<List<long>> ReadPages(IEventPages pages, int maxPages)
    {
        var positions = new List<long>();
        for (var read = 0; read < maxPages; read++)
        {
            var page = await pages.Next(CancellationToken.None);
            positions.AddRange(page.Events.Select(static recorded => recorded.Position));
            if (page.IsEnd)
                break;
        }
        return positions;
    }

    private static async Task MoveAndWrite(MoveStores stores)
    {
        await using (var file = stores.Sqlite())
        await using (var database = stores.PostgreSql())
            await new StoreMove(file, database).Run();
        await using var target = await EventStore.Open(stores.PostgreSql(), EventTypeMap.Empty);
        await target.Append(
            new StreamId("new-1"),
            ExpectedVersion.NoStream,
            [NewEvent.FromBytes("new.thing", "{}"u8.ToArray())]);
    }
}
