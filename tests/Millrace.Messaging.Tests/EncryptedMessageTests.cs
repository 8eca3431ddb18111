using System.Security.Cryptography;
using System.Text;
using Millrace.Protection;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Messaging.Tests;

/// <summary>Tests that brokers never receive marked values unencrypted, and that receivers with the keys can.</summary>
public sealed class EncryptedMessageTests : IDisposable
{
    private const string Marker = "MarkerOrder1815";
    private const string Consumer = "receive.billing";

    private static readonly CancellationToken Cancel = CancellationToken.None;

    private readonly InMemoryBroker _broker = new();
    private readonly InMemoryKeyStore _keys = new();
    private readonly InMemoryMasterKey _master = new();
    private readonly ECDsa _certificates = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private InMemoryTransport Transport => new(_broker);

    public void Dispose() => _certificates.Dispose();

    [Theory]
    [InlineData(MessageFormat.Binary)]
    [InlineData(MessageFormat.Structured)]
    public async Task A_marked_value_is_encrypted_at_the_broker_and_decrypted_by_the_receiver(MessageFormat format)
    {
        await using var queue = await Listen();
        await using var billing = await Billing(Keys);
        await WaitUntilConnected(billing);
        await using var shop = await Shop(options => options.Format = format);

        await Place(shop, Marker);

        var message = (await queue.Take(1)).Single();
        Assert.DoesNotContain(Marker, Encoding.UTF8.GetString(message.Body.Span), StringComparison.Ordinal);
        Assert.Equal("/order", message.Headers["millraceencrypted"]);
        var bill = await Eventually.Get(() => Bills(billing), static bills => bills.Count == 1);
        Assert.Equal(new Paid(Marker), bill[0].Data);
    }

    [Fact]
    public async Task Without_marks_and_with_the_option_the_body_is_published_as_it_is()
    {
        await using var queue = await Listen();
        await using var shop = await Shop(options => options.PublishesDecrypted = true);

        await Place(shop, Marker);

        var message = (await queue.Take(1)).Single();
        Assert.Contains(Marker, Encoding.UTF8.GetString(message.Body.Span), StringComparison.Ordinal);
        Assert.Empty(message.Headers);
    }

    [Fact]
    public async Task A_receiver_without_the_keys_parks_the_message()
    {
        await using var billing = await Billing(_ => { });
        await WaitUntilConnected(billing);
        await using var shop = await Shop();

        await Place(shop, Marker);

        var letter = await ParkedLetter(billing);
        Assert.Contains("this application has no keys", letter.Message, StringComparison.Ordinal);
        Assert.Empty(await Bills(billing));
    }

    [Fact]
    public async Task An_erasure_makes_a_message_that_waits_at_the_broker_unreadable()
    {
        var subscription = new Subscription("billing", "orders");
        await Transport.Declare(new TransportTopology(["orders"], [subscription]), Cancel);
        await using var shop = await Shop();
        await Place(shop, Marker);
        await shop.WaitUntilFinished("publish.memory");
        Assert.Equal(1, _broker.Waiting("billing"));

        var erasures = shop.Erasures;
        await erasures.Request(new ErasureRequest("e1", "order-1", "asked by letter", "officer"));
        await erasures.Approve("e1", "lawyer");
        await erasures.CarryOut("e1");
        await using var billing = await Billing(Keys);

        var bill = await Eventually.Get(() => Bills(billing), static bills => bills.Count == 1);
        Assert.Equal(new Paid("[erased]"), bill[0].Data);
    }

    [Fact]
    public async Task A_value_that_was_moved_to_another_message_is_refused()
    {
        await using var queue = await Listen();
        await using var shop = await Shop();
        await Place(shop, Marker);
        var message = (await queue.Take(1)).Single();
        await using var billing = await Billing(Keys);
        await WaitUntilConnected(billing);

        var moved = message with { Id = Guid.CreateVersion7().ToString() };
        await Transport.Publish([new OutgoingMessage("orders", moved)], Cancel);

        var letter = await ParkedLetter(billing);
        Assert.Contains("it was changed, or moved from another place", letter.Message, StringComparison.Ordinal);
    }

    private static Task<AppendResult> Place(Node shop, string order) =>
        shop.Store.Append(new StreamId("order-1"), ExpectedVersion.Any, [new Placed(order, 5)]);

    private static Task WaitUntilConnected(Node node) =>
        Eventually.Until(() => node.Transports.List().Single().State == TransportState.Connected);

    private static async Task<List<RecordedEvent>> Bills(Node node) =>
        await node.Store.ReadLog(EventFilter.OfTypes("order.paid")).ToListAsync();

    private static async Task<DeadLetter> ParkedLetter(Node node)
    {
        var query = new DeadLetterQuery { Consumer = Consumer };
        var letters = await Eventually.Get(
            async () => await node.DeadLetters.List(query),
            static found => found.Any(letter => letter.State == DeadLetterState.Parked));
        return letters.Single();
    }

    private void Keys(MillraceBuilder millrace) =>
        millrace.UseKeys(_ => _keys, options => options.MasterKey = _master);

    private Task<Node> Shop(Action<TransportOptions>? configure = null) =>
        Node.Start(millrace =>
        {
            Keys(millrace);
            millrace
                .AddModel(model => model.Protect("order.placed", new ProtectedMember("/order")))
                .AddErasures(options =>
                {
                    options.PrivateKeyPem = _certificates.ExportPkcs8PrivateKeyPem();
                    options.SettleTime = TimeSpan.Zero;
                })
                .UseInMemoryTransport(
                    transport => transport.Publish<Placed>("orders").Configure(configure ?? (_ => { })), _broker);
        });

    private Task<Node> Billing(Action<MillraceBuilder> configure) =>
        Node.Start(millrace =>
        {
            configure(millrace);
            millrace.UseInMemoryTransport(
                transport => transport.Receive(
                    "billing", "orders", receiver => receiver.Handle<Placed>(static (placed, context, _) =>
                    {
                        context.Effect.To(new StreamId("bill-1"), ExpectedVersion.Any, new Paid(placed.Order));
                        return default;
                    })),
                _broker);
        });

    private async Task<Listener> Listen()
    {
        var subscription = new Subscription("test", "orders");
        await Transport.Declare(new TransportTopology(["orders"], [subscription]), Cancel);
        return new Listener(await Transport.Receive(subscription, Cancel));
    }
}
