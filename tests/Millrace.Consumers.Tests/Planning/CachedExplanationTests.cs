using Millrace.Storage;
using Millrace.Storage.Caching;

namespace Millrace.Tests.Planning;

/// <summary>Tests that reads from the memory of a node are explained as cached.</summary>
public sealed class CachedExplanationTests
{
    private static readonly StreamPageQuery Stream = new(new StreamId("order-00042"), 1, false, 10);
    private static readonly LogPageQuery Cancelled = new(EventFilter.OfTypes("order.cancelled"), 1, false, 1_000);

    [Theory]
    [StoreKinds]
    public async Task A_log_in_memory_answers_each_read_of_the_log(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var store = await Open(shared, new LogReplica());

        var log = await store.Explain(Cancelled);
        var stream = await store.Explain(Stream);
        var claim = await store.ExplainClaim("email", "customer-42@example.org");
        var documents = await store.Explain(new DocumentQuery { Collection = OrderSample.ReadModel });

        Assert.Equal((PlanKind.Cached, 1, 10), (log.Plan.Kind, log.Plan.Cost, log.Rows));
        Assert.Equal((PlanKind.Cached, 1, 1), (stream.Plan.Kind, stream.Plan.Cost, stream.Rows));
        Assert.True(stream.Duration > TimeSpan.Zero);
        Assert.Equal((PlanKind.IndexScan, 1), (claim.Plan.Kind, claim.Rows));
        Assert.NotEqual(PlanKind.Cached, documents.Plan.Kind);
    }

    [Theory]
    [StoreKinds]
    public async Task A_stream_is_cached_from_its_first_read_and_an_explanation_is_no_read(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var store = await Open(shared, new StreamCache(maxBytes: 1_000_000));

        var before = await store.Explain(Stream);
        var again = await store.Explain(Stream);
        await foreach (var _ in store.ReadStream(Stream.Stream))
        {
        }
        await store.Append(Stream.Stream, ExpectedVersion.Any, [NewEvent.FromBytes("order.sent", "{}"u8.ToArray())]);
        var after = await store.Explain(Stream);
        var log = await store.Explain(Cancelled);

        Assert.Equal((PlanKind.IndexScan, PlanKind.IndexScan), (before.Plan.Kind, again.Plan.Kind));
        Assert.Equal((PlanKind.Cached, 2), (after.Plan.Kind, after.Rows));
        Assert.NotEqual(PlanKind.Cached, log.Plan.Kind);
    }

    private static async Task<EventStore> Open(SharedStore shared, ILogCopy copy)
    {
        var storage = new CachedStorage(shared.OpenWithNodeClock(), copy);
        await storage.Open(CancellationToken.None);
        await OrderSample.Fill(storage, CancellationToken.None);
        return await EventStore.Open(storage, EventTypeMap.Empty);
    }
}
