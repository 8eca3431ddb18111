using System.Text;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Storage.Moves;
using Millrace.Testing;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>
/// Tests that a reader of consecutive pages gets many pages from one COPY statement, and that no unused statement
/// remains open for long.
/// </summary>
public sealed class CopyPageReaderTests : StoreTests
{
    private const int Events = 40;
    private const int BeforeCopy = 2;
    private const int KibiByte = 1024;

    [PostgreSqlTheory]
    [InlineData(3, false)]
    [InlineData(3, true)]
    [InlineData(20, false)]
    [InlineData(40, true)]
    public async Task Pages_of_a_COPY_statement_equal_pages_that_are_read_separately(int limit, bool isBackwards)
    {
        await using var storage = await TestData.Open(Database);
        await Fill(storage, payloadBytes: 10);
        var first = new LogPageQuery(EventFilter.All, isBackwards ? long.MaxValue : 1, isBackwards, limit);
        var separate = new List<EventPage>();
        await using (var alone = new SeparatePages(storage.Log, first))
            await ReadToEnd(alone, separate);

        var copied = new List<EventPage>();
        await using (var pages = storage.Log.ReadPages(first))
            await ReadToEnd(pages, copied);

        Assert.Equal(separate.SelectMany(Text), copied.SelectMany(Text));
        Assert.All(copied, page => Assert.True(page.Events.Count <= limit));
        Assert.Equal(separate[^1].Next, copied[^1].Next);
        Assert.Equal(limit * BeforeCopy < Events ? 1 : 0, storage.Copies.StartCount);
        Assert.Equal(0, storage.Copies.Open);
    }

    [PostgreSqlFact]
    public async Task A_reader_of_a_store_that_may_move_also_gets_pages_by_COPY()
    {
        var storage = await TestData.Open(Database);
        await using var following = new MoveAwareStorage(storage, new InMemoryStorage(), TimeProvider.System);
        await Fill(storage, payloadBytes: 10);
        var read = new List<EventPage>();

        await using (var pages = following.Log.ReadPages(Forwards(3)))
            await ReadToEnd(pages, read);

        Assert.Equal(
            Enumerable.Range(1, Events), read.SelectMany(page => page.Events).Select(e => (int)e.Position));
        Assert.InRange(storage.Copies.StartCount, 1, read.Count);
        Assert.Equal(0, storage.Copies.Open);
    }

    [PostgreSqlFact]
    public async Task A_page_reports_the_end_of_the_log_as_of_its_statement()
    {
        var time = new ManualTimeProvider(); // With a manual clock, a slow test does not exceed the limit.
        await using var storage = await TestData.Open(Database, time: time);
        await Fill(storage, payloadBytes: 10);
        await using var pages = storage.Log.ReadPages(Forwards(10));
        var read = new List<EventPage>();
        for (var page = 0; page < 3; page++)
            read.Add(await pages.Next(CancellationToken.None));
        Assert.True(pages.ReadsAhead);

        await Append(storage, Events, 10); // The running statement does not contain the new event.
        await ReadToEnd(pages, read);

        Assert.Equal(
            Enumerable.Range(1, Events + 1), read.SelectMany(page => page.Events).Select(e => (int)e.Position));
    }

    [PostgreSqlFact]
    public async Task An_unused_COPY_statement_is_closed_and_the_next_page_continues()
    {
        var time = new ManualTimeProvider(); // With a manual clock, a slow test does not exceed the limit.
        await using var storage = await TestData.Open(Database, time: time);
        await Fill(storage, payloadBytes: 400 * KibiByte); // The events are larger than the network buffers.
        await using var pages = storage.Log.ReadPages(Forwards(3));
        var read = new List<EventPage>();
        for (var page = 0; page < 4; page++)
            read.Add(await pages.Next(CancellationToken.None));
        Assert.Equal(1, storage.Copies.Open);

        time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.Get(() => Task.FromResult(storage.Copies.Open), open => open == 0);
        await Eventually.Get(CountSending, sending => sending == 0);
        await ReadToEnd(pages, read);

        Assert.Equal(
            Enumerable.Range(1, Events), read.SelectMany(page => page.Events).Select(e => (int)e.Position));
    }

    [PostgreSqlFact]
    public async Task No_event_is_lost_when_the_connection_ends_in_the_middle()
    {
        var time = new ManualTimeProvider(); // With a manual clock, a slow test does not exceed the limit.
        await using var storage = await TestData.Open(Database, time: time);
        await Fill(storage, payloadBytes: 400 * KibiByte);
        await using var pages = storage.Log.ReadPages(Forwards(3));
        var read = new List<EventPage>();
        for (var page = 0; page < 3; page++)
            read.Add(await pages.Next(CancellationToken.None));

        Assert.True(await Ask("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE " + Sending) > 0);
        await ReadToEnd(pages, read);

        Assert.Equal(
            Enumerable.Range(1, Events), read.SelectMany(page => page.Events).Select(e => (int)e.Position));
    }

    [PostgreSqlFact]
    public async Task A_reader_that_stops_early_returns_the_connection()
    {
        await using var storage = await TestData.Open(Database);
        await Fill(storage, payloadBytes: 400 * KibiByte);

        for (var round = 0; round < 5; round++)
        {
            await using var pages = storage.Log.ReadPages(Forwards(3));
            for (var page = 0; page < 3; page++)
                await pages.Next(CancellationToken.None);
        }
        using var giveUp = new CancellationTokenSource();
        await using (var pages = storage.Log.ReadPages(Forwards(3)))
        {
            for (var page = 0; page < 3; page++)
                await pages.Next(giveUp.Token);
            await giveUp.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await pages.Next(giveUp.Token));
        }

        Assert.Equal((6, 0), (storage.Copies.StartCount, storage.Copies.Open));
        await Eventually.Get(CountSending, sending => sending == 0);
        Assert.Equal(Events, (await storage.ReadAll()).Count);
    }

    [PostgreSqlFact]
    public async Task Readers_always_leave_connections_for_other_callers()
    {
        await using var storage = await TestData.Open(Database, options => options.MaxConnections = 8);
        await Fill(storage, payloadBytes: 10);

        var readers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Task.Run(async () =>
        {
            var read = new List<EventPage>();
            await using var pages = storage.Log.ReadPages(Forwards(2));
            for (var page = 0; page < 4; page++)
            {
                read.Add(await pages.Next(CancellationToken.None));
                // The reader uses another connection, as an application does.
                await storage.Log.GetHead(CancellationToken.None);
            }
            await ReadToEnd(pages, read);
            return read.Sum(page => page.Events.Count);
        })));

        Assert.All(readers, count => Assert.Equal(Events, count));
    }

    private const string Sending = "datname = current_database() AND query LIKE 'COPY (%' AND state = 'active'";

    private static LogPageQuery Forwards(int limit) => new(EventFilter.All, 1, IsBackwards: false, limit);

    private static async Task ReadToEnd(IEventPages pages, List<EventPage> pagesRead)
    {
        do
            pagesRead.Add(await pages.Next(CancellationToken.None));
        while (!pagesRead[^1].IsEnd);
    }

    private static async Task Fill(PostgreSqlStorage storage, int payloadBytes)
    {
        for (var i = 0; i < Events; i++)
            await Append(storage, i, payloadBytes);
    }

    private static async Task Append(PostgreSqlStorage storage, int number, int payloadBytes)
    {
        var text = new StringBuilder()
            .Append('"')
            .Append((char)('a' + (number % 26)), payloadBytes)
            .Append('"')
            .ToString();
        var outcome = await storage.Commit(
            TestData.Append($"s-{number % 3}", ExpectedVersion.Any, TestData.Event(payload: text)));
        Assert.Equal(CommitResult.Committed, outcome.Result);
    }

    private static IEnumerable<string> Text(EventPage page) => page.Events.Select(
        e => $"{e.Position} {e.Stream} {e.Version} {e.Id} {Encoding.UTF8.GetString(e.Payload.Span)}");

    private Task<long> CountSending() => Ask("SELECT count(*) FROM pg_stat_activity WHERE " + Sending);

    private async Task<long> Ask(string sql)
    {
        await using var connection = await TestServer.Connect(Database);
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!; // The count is never null.
    }
}
