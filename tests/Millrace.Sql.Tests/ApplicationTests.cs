using Microsoft.Extensions.DependencyInjection;
using Millrace.Storage;

namespace Millrace.Sql.Tests;

/// <summary>Tests SQL in an application: read models, consumers, masked values, erasure and options.</summary>
public sealed class ApplicationTests
{
    [Theory]
    [StoreKinds]
    public async Task Marked_values_are_masked_in_events_and_read_models(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await CrmNode.Start(shared.Open());
        await node.Register("c1", "Ada Marker", 10.5m);

        string[] expected = ["c1|[erased]|10.5"];

        Assert.Equal(expected, await node.Rows("SELECT customer, name, credit FROM event_customer_registered"));
        Assert.Equal(expected, await node.Rows("SELECT customer, name, credit FROM model_customer_list"));
        foreach (var view in (string[])["events", "event_customer_registered", "model_customer_list"])
            Assert.All(
                await node.Rows($"SELECT * FROM {view}"),
                static row => Assert.DoesNotContain("Marker", row, StringComparison.Ordinal));
    }

    [Theory]
    [StoreKinds]
    public async Task A_program_without_keys_shows_no_encrypted_text(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await CrmNode.Start(shared.Open());
        await node.Register("c1", "Ada Marker", 10.5m);
        await using var store = await EventStore.Open(
            shared.Open(), EventTypeMap.Empty, new StoreOptions { ReadsWithoutKeys = true });
        var sql = new StoreSqlService(store);

        foreach (var view in (string[])["events", "event_customer_registered", "model_customer_list"])
        {
            var answer = await sql.Run(new SqlRequest(
                $"SELECT data->>'name', data_text FROM {view} WHERE data->>'customer' = 'c1'"));
            var row = Assert.Single(answer.Rows);
            Assert.Equal("[erased]", row[0]);
            Assert.DoesNotContain("~enc1.", row[1], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Values_that_were_stored_before_their_mark_are_masked()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        await using (var before = await EventStore.Open(shared.Open(), EventTypeMap.Empty))
        {
            await before.Append(new StreamId("customer-c1"), ExpectedVersion.Any, [
                NewEvent.FromBytes(
                    "customer.registered",
                    """{"customer":"c1","name":"Ada Marker","credit":1}"""u8.ToArray()),
            ]);
        }

        await using var node = await CrmNode.Start(shared.Open());

        Assert.Equal(["[erased]"], await node.Rows("SELECT name FROM event_customer_registered"));
    }

    [Theory]
    [StoreKinds]
    public async Task Consumers_have_their_progress(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await CrmNode.Start(shared.Open());
        await node.Register("c1", "Ada", 1);

        await Testing.Eventually.Get(
            () => node.Rows(
                "SELECT lag, partition, partitions, is_paused, open_dead_letters FROM consumers "
                    + "WHERE name = 'customer-list@1'"),
            static rows => rows is ["0|0|1|false|0"]);

        Assert.Equal(["0"], await node.Rows("SELECT count(*) FROM dead_letters WHERE is_open"));
    }

    [Theory]
    [StoreKinds]
    public async Task A_dead_letter_has_the_columns_of_its_record(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        var storage = shared.Open();
        await using var store = await EventStore.Open(storage, EventTypeMap.Empty);
        var time = new DateTimeOffset(2026, 1, 31, 10, 0, 0, TimeSpan.Zero);
        var letter = new DeadLetter
        {
            Consumer = "sales",
            Position = 7,
            Key = "the-key",
            Stream = new StreamId("order-1"),
            Version = 3,
            EventType = "order.placed",
            EventId = new Guid("11111111-2222-3333-4444-555555555555"),
            State = DeadLetterState.Parked,
            Attempts = 5,
            Cause = "the-cause",
            ErrorType = "the-error",
            Message = "the-message",
            Stack = "the-stack",
            FirstFailedAt = time,
            LastFailedAt = time.AddHours(1),
            EditedPayload = "secret"u8.ToArray(),
            User = "ann",
            Reason = "the-reason",
            DecidedAt = time.AddHours(2),
        };
        await storage.Log.Commit(
            [new CommitRequest { DeadLetters = [new DeadLetterChange(letter)] }], time, CancellationToken.None);
        var sql = new StoreSqlService(store);

        var answer = await sql.Run(new SqlRequest("FROM dead_letters"));

        var row = answer.Columns.Zip(Assert.Single(answer.Rows)).ToDictionary(
            static cell => cell.First.Name, static cell => cell.Second);
        foreach (var (column, value) in new Dictionary<string, string?>
        {
            ["consumer"] = "sales",
            ["partition"] = "0",
            ["position"] = "7",
            ["key"] = "the-key",
            ["stream"] = "order-1",
            ["version"] = "3",
            ["event_type"] = "order.placed",
            ["event_id"] = "11111111-2222-3333-4444-555555555555",
            ["state"] = "Parked",
            ["is_open"] = "true",
            ["attempts"] = "5",
            ["retry_at"] = null,
            ["class"] = null,
            ["cause"] = "the-cause",
            ["error_type"] = "the-error",
            ["message"] = "the-message",
            ["first_failed_at"] = "2026-01-31 10:00:00+00",
            ["last_failed_at"] = "2026-01-31 11:00:00+00",
            ["decision"] = null,
            ["user_id"] = "ann",
            ["reason"] = "the-reason",
            ["decided_at"] = "2026-01-31 12:00:00+00",
        })
            Assert.Equal((column, value), (column, row[column]));
        Assert.DoesNotContain(row.Values, static value => value is not null && value.Contains("secret"));
    }

    [Fact]
    public async Task The_last_options_apply()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var node = await CrmNode.Start(
            shared.Open(), static millrace => millrace.UseSql(static sql => sql.MaxRows = 2));

        var answer = await node.Sql.Run(new SqlRequest("FROM range(5)"));

        Assert.Equal((2, true), (answer.Rows.Count, answer.IsCut));
        Assert.Single(node.Services.GetServices<ISqlService>());
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        var services = new ServiceCollection();

        var error = Assert.Throws<ArgumentException>(() => services.AddMillrace(
            static millrace => millrace.UseSql(static sql => sql.MaxMemoryBytes = 1)));

        Assert.Contains("SqlOptions.MaxMemoryBytes must be at least 16 MB", error.Message, StringComparison.Ordinal);
    }
}
