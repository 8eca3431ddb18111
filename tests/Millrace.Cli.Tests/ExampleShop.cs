using System.IO.Compression;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Sqlite;
using Millrace.Storage;
using Shop.Orders;

namespace Millrace.Cli.Tests;

/// <summary>
/// Prepares the folder that the examples of the help use. It contains the store of a shop with events from 2011 to
/// today, read models, dead letters, the build of the shop and the named files. Each example gets a copy.
/// </summary>
public sealed class ExampleShop : IAsyncLifetime
{
    private const int Orders = 1_100;
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(1);
    private static readonly DateTimeOffset Opening = new(2011, 12, 5, 10, 15, 0, TimeSpan.Zero);
    private static readonly StreamId Order42 = new("order-42");
    private static readonly StreamId Order500 = new("order-500");

    private readonly string _prepared = Directory.CreateTempSubdirectory("millrace-examples-").FullName;

    // Every file has a folder.
    private static string Build => Path.GetDirectoryName(Tool.ProgramFile("Examples.Shop"))!;

    public async Task InitializeAsync()
    {
        await FillStore(Path.Combine(_prepared, "shop.db"));
        await File.WriteAllTextAsync(Path.Combine(_prepared, "corrected.json"), """{"amount":5}""");
        await File.WriteAllTextAsync(Path.Combine(_prepared, "note.json"), """{"note":"from a file"}""");
        await File.WriteAllBytesAsync(Path.Combine(_prepared, "scan.png"), [0x89, 0x50, 0x4e, 0x47]);
        await File.WriteAllTextAsync(Path.Combine(_prepared, "shop.design"), Design);
        await File.WriteAllTextAsync(Path.Combine(_prepared, "events.jsonl"), CloudEvents);
        foreach (var folder in (string[])["docs", "data", "src/Shop"])
            Directory.CreateDirectory(Path.Combine(_prepared, folder));
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_prepared, recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>Copies the prepared folder for one example. The builds are linked.</summary>
    internal void CopyTo(string folder)
    {
        foreach (var directory in Directory.GetDirectories(_prepared, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(directory.Replace(_prepared, folder, StringComparison.Ordinal));
        foreach (var file in Directory.GetFiles(_prepared, "*", SearchOption.AllDirectories))
            File.Copy(file, file.Replace(_prepared, folder, StringComparison.Ordinal));
        Directory.CreateSymbolicLink(Path.Combine(folder, "out"), Build);
        Directory.CreateDirectory(Path.Combine(folder, "bin", "Release"));
        Directory.CreateSymbolicLink(Path.Combine(folder, "bin", "Release", "net10.0"), Build);
    }

    /// <summary>Replaces the store with a copy that has no dead letters.</summary>
    internal static void ReplaceStoreWithoutDeadLetters(string folder)
    {
        var store = Path.Combine(folder, "shop.db");
        File.Copy(PathWithoutDeadLetters(store), store, overwrite: true);
    }

    private static string PathWithoutDeadLetters(string store) => store + ".before";

    /// <summary>Writes a store with the first version of the schema.</summary>
    internal static void WriteOlderStore(string file)
    {
        using var packed = new GZipStream(
            File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Stored", "version-1.db.gz")),
            CompressionMode.Decompress);
        using var store = File.Create(file);
        packed.CopyTo(store);
    }

    /// <summary>Runs the shop's application on a store.</summary>
    internal static async Task<IHost> Run(string file)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => millrace
            .UseSqlite(file)
            .ConfigureConsumers(consumers => consumers.LookEvery = TimeSpan.FromMilliseconds(50))
            .AddModel<Shop.Sales>()
            .AddSqlProjection(new OrderTotals())
            .AddConsumer("mail-sender", EventFilter.OfTypes("order.paid"), (_, _) => ValueTask.CompletedTask));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private static async Task FillStore(string file)
    {
        var time = new HistoricalTimeProvider(Opening);
        var model = new ModelBuilder();
        Shop.Sales.Register(model);
        await using (var store = await EventStore.Open(
            new SqliteStorage(new SqliteOptions { Path = file }, time), model.BuildEventTypes(), time: time))
            await FillHistory(store, time);
        await CatchUp(file);
        File.Copy(file, PathWithoutDeadLetters(file));
        var storage = new SqliteStorage(file);
        await using var last = await EventStore.Open(storage, EventTypeMap.Empty);
        await FillDeadLetters(last, storage);
    }

    private static async Task CatchUp(string file)
    {
        using var host = await Run(file);
        var (token, consumers) = (
            await host.Services.GetRequiredService<EventStore>().GetToken(),
            host.Services.GetRequiredService<Consumers>());
        foreach (var consumer in (string[])["daily-sales@1", "order-totals@1", "mail-sender"])
            Assert.True(await consumers.WaitFor(consumer, token, WaitTimeout), $"{consumer} did not catch up.");
        await host.StopAsync();
    }

    /// <summary>
    /// Appends an order from 2011, many later orders, and the payment of the first order three hours ago. The payment
    /// follows position 1,042.
    /// </summary>
    private static async Task FillHistory(EventStore store, HistoricalTimeProvider time)
    {
        await store.Append(Order42, ExpectedVersion.NoStream, [new OrderPlaced(30, DayOf(time), "17850")]);
        for (var i = 0; i < Orders; i++)
        {
            if (i == Orders - 40)
                await FillToday(store, time);
            else
                time.Advance(
                    i < 5 ? TimeSpan.FromHours(1)
                    : i < Orders - 40 ? TimeSpan.FromDays(1)
                    : TimeSpan.FromMinutes(1));
            await store.Append(
                new StreamId($"order-{500 + i}"),
                ExpectedVersion.NoStream,
                [new OrderPlaced(5 + i, DayOf(time))]);
        }
    }

    private static async Task FillToday(EventStore store, HistoricalTimeProvider time)
    {
        time.Advance(TimeProvider.System.GetUtcNow().AddHours(-3) - time.GetUtcNow());
        await store.Append(Order42, ExpectedVersion.Exactly(1), [new OrderPaid("card")]);
        time.Advance(TimeSpan.FromMinutes(10));
        var noted = NewEvent.FromBytes("order.noted", "{}"u8.ToArray()) with
        {
            Id = new Guid("0193b1c2-7c1e-7cc3-9b46-a1f0c5e2d3b4"),
        };
        await store.Append(Order42, ExpectedVersion.Exactly(2), [noted]);
    }

    /// <summary>
    /// Adds six dead letters that are closed or belong to a group. Number 7 belongs to the projection and number 8 to
    /// the handler.
    /// </summary>
    private static async Task FillDeadLetters(EventStore store, SqliteStorage storage)
    {
        var sold = await store.ReadStream(Order500).FirstAsync();
        var paid = await store.ReadStream(Order42, 2).FirstAsync();
        for (var i = 1; i <= 8; i++)
        {
            var recorded = i == 8 ? paid : sold;
            var (error, consumer) = i == 8 ? ("TimeoutException", "mail-sender") : ("FormatException", "daily-sales@1");
            var letter = new DeadLetter
            {
                Consumer = i < 6 ? $"former-{i}" : consumer,
                Position = recorded.Position,
                Key = i == 8 ? recorded.Stream.Value : $"2011-12-0{i}",
                Stream = recorded.Stream,
                Version = recorded.Version,
                EventType = recorded.Type,
                EventId = recorded.Id,
                State =
                    i >= 6 ? DeadLetterState.Parked
                    : i % 2 == 0 ? DeadLetterState.Skipped
                    : DeadLetterState.Discarded,
                Attempts = 5,
                Class = FailureClass.Permanent,
                Cause = $"{error}-3fa9c01b",
                ErrorType = $"System.{error}",
                Message = "It was so.",
                FirstFailedAt = recorded.Timestamp,
                LastFailedAt = recorded.Timestamp,
            };
            var request = new CommitRequest { DeadLetters = [new DeadLetterChange(letter)] };
            await storage.Log.Commit([request], TimeProvider.System.GetUtcNow(), CancellationToken.None);
        }
    }

    private static DateOnly DayOf(TimeProvider time) => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    /// <summary>
    /// A clock that the test sets to dates in the past. Its timers use the system clock, so that no timer fires when
    /// the test advances the clock.
    /// </summary>
    private sealed class HistoricalTimeProvider(DateTimeOffset now) : TimeProvider
    {
        private DateTimeOffset _now = now;

        public override DateTimeOffset GetUtcNow() => _now;

        public void Advance(TimeSpan by) => _now += by;
    }

    private const string Design = """
        application Shop "Sells things."

        context Orders
        entity Order "What a customer wants."
          total: money
          states: Draft -> Paid
          rule total-positive: total > 0 "An order costs something."

        query SalesPerDay: sum Order.total per day when Paid
        """;

    private const string CloudEvents = """
        {"specversion":"1.0","id":"a-1","source":"till-1","type":"com.example.sold","time":"2020-01-01T10:00:00Z","data":{"amount":1}}
        {"specversion":"1.0","id":"a-2","source":"till-1","type":"com.example.sold","time":"2020-01-01T11:00:00Z","data":{"amount":2}}
        """;
}
