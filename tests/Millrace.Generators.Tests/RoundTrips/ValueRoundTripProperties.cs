using FsCheck;
using FsCheck.Fluent;

namespace Millrace.Generators.Tests.RoundTrips;

/// <summary>
/// Tests that any value of any accepted shape is read back unchanged in JSON and CBOR, or is refused when it is
/// appended. A store never returns another value or an unreadable one.
/// </summary>
public sealed class ValueRoundTripProperties
{
    private static readonly int Cases = TestRun.IsLong ? 3_000 : 40;
    private static readonly int StoredCases = TestRun.IsLong ? 200 : 4;

    /// <summary>Gets the names of the events of the model.</summary>
    public static TheoryData<string> Events => [.. ShapesEvents.Types.Types.Select(type => type.Name)];

    /// <summary>Gets the storages, each with both formats.</summary>
    public static TheoryData<StoreKind, EventFormat> Stores
    {
        get
        {
            var stores = new TheoryData<StoreKind, EventFormat>();
            foreach (var kind in SharedStore.All)
            {
                stores.Add(kind, EventFormat.Json);
                stores.Add(kind, EventFormat.Cbor);
            }
            return stores;
        }
    }

    [Theory]
    [MemberData(nameof(Events))]
    public void A_storable_value_is_read_back_unchanged(string name) => ForAll(
        name, isHostile: false, static (value, format) =>
            Assert.Null(SameValue.Difference(value, ShapesEvents.RoundTrip(value, format))));

    [Theory]
    [MemberData(nameof(Events))]
    public void Any_value_is_read_back_unchanged_or_refused(string name) => ForAll(
        name, isHostile: true, static (value, format) =>
        {
            try
            {
                Assert.Null(SameValue.Difference(value, ShapesEvents.RoundTrip(value, format)));
            }
            catch (CannotSerializeException)
            {
                // The value is refused before it is stored.
            }
        });

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Values_are_read_back_unchanged_from_a_reopened_store(StoreKind kind, EventFormat format)
    {
        using var shared = await SharedStore.Create(kind);
        var events = new List<object>();
        await using (var store = await Open(shared, format))
        {
            foreach (var value in Values(isHostile: false).Concat(Values(isHostile: true)))
            {
                try
                {
                    await store.Append(new StreamId("shapes-1"), ExpectedVersion.Any, [value]);
                    events.Add(value);
                }
                catch (CannotSerializeException)
                {
                    // The value is refused before it is stored.
                }
            }
        }

        await using var again = await Open(shared, format);
        var read = await again.ReadStream(new StreamId("shapes-1")).Select(recorded => recorded.Data).ToListAsync();

        Assert.Equal(events.Count, read.Count);
        Assert.True(events.Count >= StoredCases * ShapesEvents.Types.Types.Count, $"{events.Count} were stored");
        for (var i = 0; i < read.Count; i++)
            Assert.Null(SameValue.Difference(events[i], read[i]));
    }

    private static Task<EventStore> Open(SharedStore shared, EventFormat format) =>
        EventStore.Open(shared.Open(), ShapesEvents.Types, new StoreOptions { EventFormat = format });

    private static IEnumerable<object> Values(bool isHostile) => ShapesEvents.Types.Types
        .SelectMany(type => new AnyValue(isHostile).Of(type.ClrType).Sample(size: 20, numberOfSamples: StoredCases));

    private static void ForAll(string name, bool isHostile, Action<object, EventFormat> check)
    {
        var type = ShapesEvents.Types.Types.Single(eventType => eventType.Name == name);
        Prop.ForAll(new AnyValue(isHostile).Of(type.ClrType).ToArbitrary(), value =>
        {
            check(value, EventFormat.Json);
            check(value, EventFormat.Cbor);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Cases));
    }
}
