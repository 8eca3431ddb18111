using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.Serialization;
using Millrace.Testing;

namespace Millrace.Messaging.Tests;

/// <summary>Tests that a hand-written model does not send marked values plain by mistake.</summary>
public sealed class UnregisteredMarkTests : IDisposable
{
    private const string Destination = "parcels";
    private const int PlainRequest = 9012;

    private static readonly RequestOptions Limit = new() { Timeout = TimeSpan.FromMinutes(1) };

    private readonly InMemoryBroker _broker = new();
    private readonly Parcels _parcels = new();
    private readonly RecordedLog _log = new(LogLevel.Warning);

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task A_sender_of_a_request_with_an_unregistered_mark_does_not_start()
    {
        var refused = await Assert.ThrowsAsync<ProtectedValueException>(() =>
            Sender(static model => model.Json(ParcelJson.Default)));

        Assert.Equal(nameof(ShipParcel), refused.Type);
        Assert.Contains("/address", refused.Message, StringComparison.Ordinal);
        Assert.Contains("model.ProtectMessage<ShipParcel>(", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_mark_must_be_registered()
    {
        var refused = await Assert.ThrowsAsync<ProtectedValueException>(() => Sender(static model => model
            .Json(ParcelJson.Default)
            .ProtectMessage<ShipParcel>(new ProtectedMember("/address") { IsSecret = true })));

        Assert.Contains("/code", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mark_inside_an_item_of_a_list_must_be_registered()
    {
        var refused = await Assert.ThrowsAsync<ProtectedValueException>(() => Sender(
            static model => model.Json(BatchJson.Default),
            static transport => transport.Request<ShipBatch>(Destination)));

        Assert.Contains("/stops/*/address", refused.Message, StringComparison.Ordinal);
        await using var node = await Sender(
            static model => model
                .Json(BatchJson.Default)
                .ProtectMessage<ShipBatch>(new ProtectedMember("/stops") { IsSecret = true }),
            static transport => transport.Request<ShipBatch>(Destination));
    }

    [Fact]
    public async Task Marks_below_a_type_that_contains_itself_must_be_registered()
    {
        var refused = await Assert.ThrowsAsync<ProtectedValueException>(() => Sender(
            static model => model
                .Json(BatchJson.Default)
                .ProtectMessage<ShipBatch>(new ProtectedMember("/stops/*/address") { IsSecret = true }),
            static transport => transport.Request<ShipBatch>(Destination)));

        Assert.Contains("/stops/*/next/*/address", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Marks_that_a_converter_describes_must_be_registered()
    {
        var refused = await Assert.ThrowsAsync<ProtectedValueException>(() => Sender(
            static model => model.Json(BatchJson.Default),
            static transport => transport.Request<DescribedParcel>(Destination)));

        Assert.Contains("/address", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sender_of_a_request_whose_converter_hides_its_members_does_not_start()
    {
        var refused = await Assert.ThrowsAsync<ProtectedValueException>(() => Sender(
            static model => model.Json(BatchJson.Default),
            static transport => transport.Request<HiddenParcel>(Destination)));

        Assert.Contains("hides its members", refused.Message, StringComparison.Ordinal);
        await using var node = await Sender(
            static model => model
                .Json(BatchJson.Default)
                .ProtectMessage<HiddenParcel>(new ProtectedMember("/address") { IsSecret = true }),
            static transport => transport.Request<HiddenParcel>(Destination));
    }

    [Fact]
    public async Task A_receiver_logs_a_request_in_which_only_some_marked_values_are_encrypted()
    {
        await using var service = await Service(Parcels.Register);
        await Eventually.Until(() => service.Transports.List().Single().State == TransportState.Connected);
        var address = new ProtectedMember("/address") { Subject = "/customer", SubjectType = "customer" };
        await using var sender = await Sender(
            model => model
                .Json(BatchJson.Default)
                .ProtectMessage<EarlierContract.ShipParcel>(address)
                .ProtectMessage<ShippedParcel>(address),
            static transport => transport.Request<EarlierContract.ShipParcel>(Destination));

        await sender.Requests.Send(new EarlierContract.ShipParcel("7", "Main Street", null), Limit);
        await sender.Requests.Send(new EarlierContract.ShipParcel("7", "Main Street", "[erased]"), Limit);
        Assert.DoesNotContain(_log.Entries, static entry => entry.Id == PlainRequest);
        await sender.Requests.Send(new EarlierContract.ShipParcel("7", "Main Street", "1"), Limit);

        Assert.Single(_log.Entries, static entry => entry.Id == PlainRequest);
    }

    [Fact]
    public async Task A_receiver_whose_answer_has_an_unregistered_mark_does_not_start()
    {
        var refused = await Assert.ThrowsAsync<ProtectedValueException>(() => Service(static model =>
        {
            Parcels.RegisterUnmarked(model);
            model.ProtectMessage<ShipParcel>(new("/address") { IsSecret = true }, new("/code") { IsSecret = true });
        }));

        Assert.Equal(nameof(ShippedParcel), refused.Type);
    }

    [Fact]
    public async Task A_receiver_logs_the_first_plain_request_of_a_type()
    {
        await using var service = await Service(Parcels.Register);
        await Eventually.Until(() => service.Transports.List().Single().State == TransportState.Connected);
        await using var registered = await Sender(Parcels.Register);
        await registered.Requests.Send(new ShipParcel("7", "Main Street", "1"), Limit);
        Assert.DoesNotContain(_log.Entries, static entry => entry.Id == PlainRequest);
        await using var sender = await Sender(
            static model => model.Json(ParcelJson.Default),
            static transport => transport
                .Request<ShipParcel>(Destination)
                .Configure(static options => options.PublishesDecrypted = true));

        await sender.Requests.Send(new ShipParcel("7", "Main Street", "1"), Limit);
        await sender.Requests.Send(new ShipParcel("8", "Side Street", "2"), Limit);

        var entry = Assert.Single(_log.Entries, static entry => entry.Id == PlainRequest);
        Assert.Contains("the request ship-parcel", entry.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Street", entry.Text, StringComparison.Ordinal);
    }

    private Task<Node> Sender(Action<ModelBuilder> model, Action<TransportBuilder>? connect = null) =>
        Node.Start(millrace =>
        {
            _parcels.UseKeys(millrace);
            millrace.AddModel(model).UseInMemoryTransport(
                connect ?? (static transport => transport.Request<ShipParcel>(Destination)), _broker);
        });

    private Task<Node> Service(Action<ModelBuilder> model) =>
        Node.Start(millrace =>
        {
            _parcels.UseKeys(millrace);
            millrace.Services.AddSingleton<ILoggerFactory>(_log);
            millrace.AddModel(model).UseInMemoryTransport(
                static transport => transport.Receive(
                    Destination, Destination, static receiver => receiver.Answer<ShipParcel>()),
                _broker);
        });
}

public sealed record ShipBatch(IReadOnlyList<ShipBatch.Stop> Stops) : ICommand
{
    public sealed record Stop([PersonalData] string Address, IReadOnlyList<Stop>? Next);
}

/// <summary>The contract before its second mark.</summary>
public static class EarlierContract
{
    public sealed record ShipParcel(
        string Customer,
        [PersonalData(Subject = nameof(ShipParcel.Customer), SubjectType = "customer")] string Address,
        string? Code) : ICommand<ShippedParcel>;
}

[JsonConverter(typeof(Converter))]
public sealed record HiddenParcel(string Address) : ICommand
{
    internal sealed class Converter : JsonConverter<HiddenParcel>
    {
        public override HiddenParcel Read(
            ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, HiddenParcel value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.Address);
    }
}

/// <summary>A request whose converter describes it, as generated ones do.</summary>
[JsonConverter(typeof(Converter))]
public sealed record DescribedParcel(string Address) : ICommand
{
    internal sealed class Converter : JsonConverter<DescribedParcel>, IDescribedConverter
    {
        public override DescribedParcel Read(
            ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, DescribedParcel value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.Address);

        public TypeDescription Describe() => new(TypeForm.Object)
        {
            Members = [new MemberDescription("address", typeof(string), true) { IsMarked = true }],
        };
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ShipBatch))]
[JsonSerializable(typeof(HiddenParcel))]
[JsonSerializable(typeof(DescribedParcel))]
[JsonSerializable(typeof(EarlierContract.ShipParcel))]
[JsonSerializable(typeof(ShippedParcel))]
internal sealed partial class BatchJson : JsonSerializerContext;
