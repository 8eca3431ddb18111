using System.Text.Json.Serialization;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.PostgreSql.Tests;

/// <summary>
/// Tests that an aggregate loaded from its snapshot and later events equals the aggregate loaded from all events.
/// </summary>
public sealed class SnapshotLoadTests : StoreTests
{
    private const int Every = 10;

    private static readonly AggregateDefinition<Tally, string> Definition = new("tally", () => new Tally())
    {
        Snapshot = new AggregateSnapshot<Tally, TallyState>(schemaVersion: 1, Every, TallyJson.Default.TallyState),
    };

    [PostgreSqlFact]
    public async Task A_loaded_aggregate_equals_its_events_for_any_number_of_events_after_the_snapshot()
    {
        await using var store = await Open(pageEvents: 3);
        var repository = new AggregateRepository(store, [Definition]);

        for (var events = 1; events <= 35; events++)
        {
            await Count(repository, 1);
            var loaded = await repository.Load<Tally, string>("a");
            Assert.Equal((events, events), (loaded.Version, loaded.Sum));
            Assert.InRange(loaded.Evolved, 0, events < Every ? events : Every);
        }
    }

    [PostgreSqlFact]
    public async Task Events_before_the_snapshot_may_be_truncated()
    {
        await using var store = await Open();
        var repository = await Counted(store, 13);

        await store.Truncate(StreamId.For("tally", "a"), 11, "too long");
        await AssertSum(repository, version: 13, sum: 13, evolved: null);
    }

    [PostgreSqlFact]
    public async Task A_recreated_stream_does_not_use_the_snapshot_of_the_deleted_stream()
    {
        await using var store = await Open();
        var repository = await Counted(store, 13);

        await store.Delete(StreamId.For("tally", "a"), ExpectedVersion.Any, "asked for");
        await Assert.ThrowsAsync<AggregateNotFoundException>(async () => await repository.Load<Tally, string>("a"));
        await store.Append(StreamId.For("tally", "a"), ExpectedVersion.Any, [new Counted(7, "")]);
        await AssertSum(repository, version: 14, sum: 7, evolved: 1);
    }

    [PostgreSqlFact]
    public async Task Large_events_after_the_snapshot_are_read_and_unknown_events_are_refused()
    {
        await using var store = await Open();
        var repository = await Counted(store, 11);

        await store.Append(StreamId.For("tally", "a"), ExpectedVersion.Any, [new Counted(5, new string('x', 20_000))]);
        await AssertSum(repository, version: 12, sum: 16, evolved: null);
        await store.Append(
            StreamId.For("tally", "a"),
            ExpectedVersion.Any,
            [NewEvent.FromBytes("tally.unheard-of", "{}"u8.ToArray())]);
        var refused = await Assert.ThrowsAsync<CannotDeserializeException>(async () =>
            await repository.Load<Tally, string>("a"));
        Assert.Equal(13, refused.Position);
    }

    [PostgreSqlFact]
    public async Task A_snapshot_with_another_position_than_its_version_is_still_used()
    {
        await using var storage = await TestData.Open(Database);
        await using var store = await Open();
        var repository = await Counted(store, 13);
        var kept = await storage.Documents.Get("snapshots", "tally-a", CancellationToken.None);

        foreach (var position in new[] { 1, 11, 13, 1_000 })
        {
            await storage.Commit(
                new CommitRequest
                {
                    Documents =
                    [
                        new DocumentChange
                        {
                            Collection = "snapshots",
                            Key = "tally-a",
                            Body = kept!.Body,
                            Position = position,
                        },
                    ],
                }
            );
            await AssertSum(repository, version: 13, sum: 13, evolved: null);
        }
    }

    [PostgreSqlFact]
    public async Task A_snapshot_and_the_later_events_are_read_in_one_query()
    {
        var reads = 0;
        var counting = new FaultInjectingStorage(await TestData.Open(Database))
        {
            BeforeRead = () =>
            {
                reads++;
                return ValueTask.CompletedTask;
            },
        };
        await using var store = await EventStore.Open(counting, Types());
        var repository = await Counted(store, 13);

        // The store looks for new events now and then, so one of the loads can count one read more.
        var counts = new List<int>();
        for (var i = 0; i < 5; i++)
        {
            reads = 0;
            await repository.Load<Tally, string>("a");
            counts.Add(reads);
        }

        Assert.Equal(1, counts.Min());
    }

    private static async Task<AggregateRepository> Counted(EventStore store, int events)
    {
        var repository = new AggregateRepository(store, [Definition]);
        for (var i = 0; i < events; i++)
            await Count(repository, 1);
        return repository;
    }

    private static async Task Count(AggregateRepository repository, int number)
    {
        var tally = await repository.LoadOrNew<Tally, string>("a");
        tally.Count(number);
        await repository.Save<Tally, string>(tally);
    }

    private static async Task AssertSum(AggregateRepository repository, long version, int sum, int? evolved)
    {
        var loaded = await repository.Load<Tally, string>("a");
        Assert.Equal((version, sum), (loaded.Version, loaded.Sum));
        Assert.InRange(loaded.Evolved, evolved ?? 0, evolved ?? Every);
    }

    private async Task<EventStore> Open(int pageEvents = 1_000) =>
        await EventStore.Open(await TestData.Open(Database), Types(), new StoreOptions { PageEvents = pageEvents });

    private static EventTypeMap Types() =>
        new ModelBuilder().Event("tally.counted", 1, TallyJson.Default.Counted).BuildEventTypes();
}

/// <summary>An aggregate with a sum, and the number of events that were applied to it.</summary>
internal sealed class Tally : Aggregate<string>, ISnapshotable<TallyState>
{
    public int Sum { get; private set; }

    public int Evolved { get; private set; }

    public void Count(int number) => Raise(new Counted(number, ""));

    public TallyState TakeSnapshot() => new(Sum);

    public void Restore(TallyState state) => Sum = state.Sum;

    protected override void Evolve(object @event)
    {
        Evolved++;
        Sum += ((Counted)@event).Number;
    }
}

internal sealed record Counted(int Number, string Note);

internal sealed record TallyState(int Sum);

[JsonSerializable(typeof(Counted))]
[JsonSerializable(typeof(TallyState))]
internal sealed partial class TallyJson : JsonSerializerContext;
