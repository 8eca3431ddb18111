using System.Text;
using Millrace.Serialization;

namespace Millrace.Tests;

/// <summary>
/// Tests that a stream can contain JSON and CBOR. Each event is read in its stored format, even when its type now uses
/// another format.
/// </summary>
public sealed class FormatTests : IDisposable
{
    private static readonly Guid Order = Guid.Parse("0193b1c2-0000-7000-8000-000000000001");
    private static readonly After.OrderId Id = new(Order);

    private readonly ShopFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task The_format_of_a_store_can_change_repeatedly()
    {
        var appended = new object[]
        {
            new After.OrderPlaced(Id, new After.Money(20.50m, "GBP")),
            new After.OrderNoted(Id, ["ring twice", "für Ada"]),
            new After.OrderShipped(Id, After.Carrier.Van),
        };
        foreach (var format in new[] { EventFormat.Json, EventFormat.Cbor, EventFormat.Json, EventFormat.Cbor })
        {
            await using var build = await Of<After.Shop>(format);
            await build.Append(Order, appended);
        }

        await using var after = await Of<After.Shop>(EventFormat.Json);
        var events = await after.Read(Order);

        Assert.All(events.Index(), item => Assert.Equal(
            item.Index / 3 % 2 == 0 ? EventContentType.Json : EventContentType.Cbor, item.Item.ContentType));
        Assert.All(events.Chunk(3), read => Assert.Equal(events.Take(3).Select(JsonOf), read.Select(JsonOf)));
        Assert.Equal(
            [appended[0], appended[2]],
            events.Skip(9).Select(recorded => recorded.Data).Where(data => data is not After.OrderNoted));
        Assert.True(events[3].Payload.Length < events[0].Payload.Length * 3 / 4);
    }

    [Fact]
    public async Task Upcasters_read_CBOR_like_JSON()
    {
        await using (var before = await Of<Before.Shop>(EventFormat.Cbor))
        {
            await before.Append(
                Order,
                new Before.OrderCreated(Order, 20.5m, "Mill Lane 1"), // Upcast by records, and split.
                new Before.OrderPaid(Order, "r1"), // Upcast as a JsonObject to the JSON of the next version.
                new Before.OrderNoted(Order, "ring twice\nask for Ada"), // Upcast as a JsonObject in two steps.
                new Before.OrderViewed(Order)); // Removed by its upcaster.
        }

        await using var after = await Of<After.Shop>(EventFormat.Cbor);
        var events = await after.Read(Order);

        Assert.All(events, recorded => Assert.Equal(EventContentType.Cbor, recorded.ContentType));
        Assert.Equal(
            [
                new After.OrderPlaced(Id, new After.Money(20.5m, "GBP")),
                new After.AddressGiven(Id, "Mill Lane 1"),
                new After.OrderPaid(Id, "r1", "card"),
            ],
            events
                .SelectMany(recorded => recorded.Parts())
                .Select(part => part.Data)
                .Where(data => data is not After.OrderNoted));
        Assert.Equal(["ring twice", "ask for Ada"], Assert.IsType<After.OrderNoted>(events[2].Data).Lines);
    }

    [Fact]
    public async Task An_older_build_preserves_unknown_members_when_it_changes_the_format()
    {
        await using (var newer = await Of<After.Shop>(EventFormat.Cbor))
        {
            var noted = $$"""{"order":"{{Order}}","text":"a","by":{"name":"Ada","ids":[1,18446744073709551616]},"weight":1.50}""";
            await newer.Append(Order, FromCbor("order.noted", noted));
        }

        await using var before = await Of<Before.Shop>(EventFormat.Json);
        var read = (await before.Read(Order))[0].Data;
        await before.Append(Order, read);
        await using var binary = await Of<Before.Shop>(EventFormat.Cbor);
        await binary.Append(Order, (await binary.Read(Order))[1].Data);

        var events = await binary.Read(Order);
        Assert.Equal(
            ["application/cbor", "application/json", "application/cbor"],
            events.Select(recorded => recorded.ContentType));
        Assert.Equal(JsonOf(events[0]), JsonOf(events[1]));
        Assert.Equal(JsonOf(events[0]), JsonOf(events[2]));
        Assert.True(events[2].Payload.Length < events[0].Payload.Length); // In CBOR, the id is not a text.
    }

    [Fact]
    public async Task Invalid_bytes_are_refused_and_stored_invalid_bytes_do_not_stop_a_reader()
    {
        await using var build = await Of<After.Shop>(EventFormat.Cbor);
        byte[] cut = [0xa2, 0x65];

        await Assert.ThrowsAsync<CannotSerializeException>(() =>
            build.Append(Order, NewEvent.FromBytes("order.viewed", cut, EventContentType.Cbor)));
        await build.Append(Order, NewEvent.FromBytes("order.unheard-of", cut, EventContentType.Cbor));
        await build.Append(Order, new After.OrderShipped(Id, After.Carrier.Van));

        var events = await build.Read(Order);
        Assert.Equal(cut, Assert.IsType<UnknownEvent>(events[0].Data).Payload.ToArray());
        Assert.IsType<After.OrderShipped>(events[1].Data);
    }

    [Fact]
    public async Task A_hand_written_type_with_only_JSON_writes_JSON_and_reads_both_formats()
    {
        await using var build = await Of<Before.Shop>(
            EventFormat.Cbor, millrace => millrace.AddModel(model => Renamed.Register(model)));

        await build.Append(Order, new Renamed.GateOpened(3), FromCbor("gate.opened", """{"at":4}"""));

        var events = await build.Read(Order);
        Assert.Equal(["application/json", "application/cbor"], events.Select(recorded => recorded.ContentType));
        Assert.Equal([new Renamed.GateOpened(3), new Renamed.GateOpened(4)], events.Select(recorded => recorded.Data));
    }

    [Fact]
    public async Task The_format_of_a_type_overrides_the_format_of_the_store()
    {
        await using var build = await Of<Examples>(EventFormat.Json);

        await build.Append(Order, new DeviceMeasured(1, 21.5m), new DeviceNamed(1, "oven"), new DeviceSeen(1));

        var first = await build.Read(Order);
        Assert.Equal(
            ["application/cbor", "application/json", "application/json"],
            first.Select(recorded => recorded.ContentType));
        await using var binary = await Of<Examples>(EventFormat.Cbor);
        await binary.Append(Order, new DeviceNamed(1, "oven"), new DeviceSeen(1));
        Assert.Equal(
            ["application/json", "application/cbor"],
            (await binary.Read(Order)).Skip(3).Select(recorded => recorded.ContentType));
    }

    [Fact]
    public async Task An_unknown_format_is_refused_when_the_application_starts()
    {
        var refused = await Assert.ThrowsAsync<MillraceConfigurationException>(() =>
            Of<Examples>((EventFormat)9));

        Assert.Contains("EventFormat: must be Json or Cbor", refused.Message, StringComparison.Ordinal);
    }

    private static NewEvent FromCbor(string type, string json) =>
        NewEvent.FromBytes(type, CborJson.FromJson(Encoding.UTF8.GetBytes(json)), EventContentType.Cbor);

    private static string JsonOf(RecordedEvent recorded) => Encoding.UTF8.GetString(
        recorded.ContentType == EventContentType.Cbor ? CborJson.ToJson(recorded.Payload.Span) : recorded.Payload.Span);

    private Task<Deployment> Of<TModel>(EventFormat format, Action<MillraceBuilder>? configure = null)
        where TModel : IModel => Deployment.Of<TModel>(_file.Path, millrace =>
        {
            millrace.ConfigureStore(options => options.EventFormat = format);
            configure?.Invoke(millrace);
        });
}
