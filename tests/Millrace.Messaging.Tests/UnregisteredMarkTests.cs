using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
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

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ShipBatch))]
internal sealed partial class BatchJson : JsonSerializerContext;
