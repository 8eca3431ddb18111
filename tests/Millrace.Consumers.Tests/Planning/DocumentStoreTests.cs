using Millrace.Storage;
using Npgsql;

namespace Millrace.Tests.Planning;

/// <summary>Tests that the reads of a document store have an index, and that its pages are complete.</summary>
public sealed class DocumentStoreTests
{
    private const int Checkpoint = 1_500; // The position up to which a consumer has processed events.

    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [DatabaseKinds]
    public async Task Events_by_type_source_time_and_checkpoint_are_read_by_an_index_in_descending_time(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var store = await Open(shared);
        var type = EventFilter.OfTypes("order.cancelled");
        var times = new EventFilter { From = Start.AddMinutes(500), To = Start.AddMinutes(1_500) };

        var byType = await store.Explain(Newest(type));
        var bySource = await store.Explain(Newest(new EventFilter { Source = "import" }));
        var byTypeAndTime = await store.Explain(Newest(type with { From = times.From, To = times.To }));
        var byTime = await store.Explain(Newest(times));
        var unprocessed = await store.Explain(new LogPageQuery(type, Checkpoint + 1, IsBackwards: false, 100));

        AssertIndex("events_by_type", 10, byType);
        AssertIndex("events_by_source", 6, bySource);
        AssertIndex("events_by_type", 3, byTypeAndTime);
        AssertIndex("events_by_type", 5, unprocessed);
        Assert.Equal((100, PlanKind.IndexScan), (byTime.Rows, byTime.Plan.Kind));
    }

    [Theory]
    [DatabaseKinds]
    public async Task A_page_by_its_number_is_that_of_following_pages(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var store = await Open(shared);
        var type = EventFilter.OfTypes("order.cancelled");
        var all = new List<long>();
        await foreach (var recorded in store.ReadLogBackwards(type))
            all.Add(recorded.Position);

        var newest = Newest(type) with { Limit = 4 };
        var third = await store.ReadPage(newest with { Skip = 8 });
        var beyond = await store.ReadPage(newest with { Skip = 10 });
        var oldest = await store.ReadPage(new LogPageQuery(type, 1, IsBackwards: false, 4) { Skip = 7 });
        var following = await store.ReadPage(newest with { From = (await store.ReadPage(newest)).Next });

        Assert.Equal(10, all.Count);
        Assert.Equal(all[8..], third.Events.Select(recorded => recorded.Position));
        Assert.Equal((0, true), (beyond.Events.Count, beyond.IsEnd));
        Assert.Equal(all[..3].Order(), oldest.Events.Select(recorded => recorded.Position));
        Assert.Equal(all[4..8], following.Events.Select(recorded => recorded.Position));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            async () => await store.ReadPage(newest with { Skip = -1 }));
    }

    private static LogPageQuery Newest(EventFilter filter) => new(filter, long.MaxValue, IsBackwards: true, 100);

    private static void AssertIndex(string index, long rows, QueryExplanation explained)
    {
        Assert.Equal((PlanKind.IndexScan, rows), (explained.Plan.Kind, explained.Rows));
        Assert.Equal(index, explained.Plan.Index);
    }

    private static async Task<EventStore> Open(SharedStore shared)
    {
        var storage = shared.OpenWithNodeClock();
        await storage.Open(CancellationToken.None);
        await OrderSample.Fill(storage, CancellationToken.None);
        if (shared.ConnectionString is { } address)
        {
            await using var connection = new NpgsqlConnection(address);
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand("ANALYZE", connection);
            await command.ExecuteNonQueryAsync();
        }
        return await EventStore.Open(storage, EventTypeMap.Empty);
    }
}
