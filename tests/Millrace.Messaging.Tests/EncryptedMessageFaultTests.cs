using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.Events;
using Millrace.Messaging.Receiving;
using Millrace.Protection;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Messaging.Tests;

/// <summary>Tests encrypted messages with foreign keys, missing marks, failing handlers and failing brokers.</summary>
public sealed class EncryptedMessageFaultTests : IDisposable
{
    private const string Marker = "MarkerOrder1815";
    private const string PathsName = "millraceencrypted";

    private readonly InMemoryBroker _broker = new();
    private readonly InMemoryKeyStore _keys = new();
    private readonly InMemoryMasterKey _master = new();
    private readonly ECDsa _certificates = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly RecordedLog _log = new(LogLevel.Information);

    public void Dispose()
    {
        _certificates.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task A_message_with_an_unknown_key_is_parked_and_does_not_stop_the_receiver()
    {
        await using var billing = await Billing(static placed => placed.Order);
        await Eventually.Until(() => billing.Transports.List().Single().State == TransportState.Connected);
        await using var transport = new InMemoryTransport(_broker);
        var foreign = new Message
        {
            Id = "1",
            Type = "order.placed",
            Source = "stranger",
            Subject = "order-1",
            Body = Encoding.UTF8.GetBytes(
                $$"""{"order":"~enc1.{{KeyIds.New()}}.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","total":1}"""),
            Headers = new Dictionary<string, string> { [PathsName] = "/order" },
        };
        var plain = foreign with
        {
            Id = "2",
            Subject = "order-2",
            Body = """{"order":"readable","total":1}"""u8.ToArray(),
            Headers = new Dictionary<string, string>(),
        };

        await transport.Publish([new OutgoingMessage("orders", foreign)], CancellationToken.None);
        await transport.Publish([new OutgoingMessage("orders", plain)], CancellationToken.None);

        var bills = await Eventually.Get(() => Bills(billing), static bills => bills.Count == 1);
        Assert.Equal(new Paid("readable"), bills[0].Data);
        var letter = await Parked(billing, "receive.billing");
        Assert.EndsWith(nameof(MessageBodyException), letter.ErrorType, StringComparison.Ordinal);
        Assert.Contains("does not contain the data key", letter.Message, StringComparison.Ordinal);
        await Eventually.Until(() => _broker.Waiting("billing") == 0); // The commit precedes the acknowledgement.
    }

    [Fact]
    public async Task A_value_whose_mark_was_removed_is_not_published()
    {
        using var storage = await SharedStore.Create(StoreKind.Sqlite);
        await using var marked = await Shop(storage.Open());
        await Place(marked);
        var sent = new List<Message>();
        await using var unmarked = await Unmarked(storage.Open(), sent);

        var letter = await Parked(unmarked, "publish.memory");

        Assert.EndsWith(nameof(ProtectedValueException), letter.ErrorType, StringComparison.Ordinal);
        Assert.Contains("/order is encrypted in the store", letter.Message, StringComparison.Ordinal);
        Assert.Empty(sent);
    }

    [Fact]
    public async Task An_erased_value_whose_mark_was_removed_is_published()
    {
        using var storage = await SharedStore.Create(StoreKind.Sqlite);
        await using var marked = await Shop(storage.Open());
        await Place(marked);
        await marked.Erasures.Request(new ErasureRequest("e1", "order-1", "asked by letter", "officer"));
        await marked.Erasures.Approve("e1", "lawyer");
        await marked.Erasures.CarryOut("e1");
        var sent = new List<Message>();
        await using var unmarked = await Unmarked(storage.Open(), sent);

        await Eventually.Until(() => sent.Exists(static message => message.Type == "order.placed"));

        Assert.Contains("[erased]", TextOf(sent.Single(message => message.Type == "order.placed")));
        Assert.DoesNotContain(sent, message => TextOf(message).Contains(Marker, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_texts_of_errors_of_an_encrypted_message_are_not_stored_logged_or_traced()
    {
        using var spans = new Spans();
        await using var billing = await Billing(
            static placed => throw new InvalidOperationException($"Bad order {placed.Order}."));
        await Eventually.Until(() => billing.Transports.List().Single().State == TransportState.Connected);
        await using var shop = await Shop();

        await Place(shop);

        var letter = await Parked(billing, "receive.billing");
        Assert.EndsWith(nameof(InvalidOperationException), letter.ErrorType, StringComparison.Ordinal);
        Assert.DoesNotContain(Marker, letter.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Marker, letter.Stack, StringComparison.Ordinal);
        Assert.Contains(nameof(Billing), letter.Stack, StringComparison.Ordinal);
        Assert.Contains(_log.Entries, static entry => entry.Id == 9004);
        Assert.DoesNotContain(_log.Entries, static entry => entry.Text.Contains(Marker, StringComparison.Ordinal));
        Assert.DoesNotContain(
            _log.Exceptions, static entry => entry.Exception.ToString().Contains(Marker, StringComparison.Ordinal));
        var failed = spans.Of("process orders").Where(static span => span.Status == ActivityStatusCode.Error);
        Assert.DoesNotContain(
            failed, static span => span.StatusDescription!.Contains(Marker, StringComparison.Ordinal));
    }

    [Fact]
    public void The_note_of_a_message_that_waits_at_the_broker_omits_the_text_of_the_error()
    {
        var plain = new Message { Id = "1", Type = "order.placed", Source = "shop", Body = default };
        var encrypted = plain with { Headers = new Dictionary<string, string> { [PathsName] = "/order" } };
        var error = new InvalidOperationException(Marker);

        Assert.Equal($"System.InvalidOperationException: {Marker}", ErrorTexts.NoteOf(error, plain));
        Assert.DoesNotContain(Marker, ErrorTexts.NoteOf(error, encrypted), StringComparison.Ordinal);
        Assert.StartsWith("System.InvalidOperationException: ", ErrorTexts.NoteOf(error, encrypted));
    }

    [Theory]
    [InlineData(PublishResult.Unconfirmed)] // The consumer publishes the batch again.
    [InlineData(PublishResult.Refused)] // A user retries the dead letter.
    public async Task A_further_attempt_to_publish_an_event_sends_the_same_bytes(PublishResult firstResult)
    {
        var bodies = new List<string>();
        var transport = new FaultyTransport(_broker)
        {
            MapSent = sent =>
            {
                bodies.AddRange(sent.Select(static one => TextOf(one.Message)));
                return sent;
            },
            MapOutcomes = outcomes =>
                bodies.Count > 1 ? outcomes
                : firstResult == PublishResult.Refused ? [PublishOutcome.Refused("not yet")]
                : [PublishOutcome.Unconfirmed("not yet")],
        };
        await using var queue = await Listen();
        await using var shop = await Shop(transport: transport);

        await Place(shop);
        if (firstResult == PublishResult.Refused)
        {
            var letter = await Parked(shop, "publish.memory");
            await shop.DeadLetters.Retry(letter.Id, new DeadLetterNote("ada", "the broker accepts it now"));
        }

        await Eventually.Until(() => bodies.Count > 1);
        Assert.DoesNotContain(Marker, bodies[0], StringComparison.Ordinal);
        Assert.Single(bodies.Distinct());
    }

    [Theory]
    [InlineData(PlatformEvents.TimerSet, false)] // An event of Millrace itself is not published.
    [InlineData("order.placed", true)]
    public async Task Only_an_event_with_a_destination_must_be_decrypted(string type, bool isRefused)
    {
        await using var transport = new TransportRuntime(
            "memory",
            new InMemoryTransport(_broker),
            new TransportOptions(),
            new RouteTable("memory", [new PublishRoute("orders", [])], EventTypeMap.Empty),
            TimeProvider.System,
            _log.CreateLogger(""))
        {
            Metrics = new MessagingMetrics(null),
        };
        var stored = new RecordedEvent
        {
            Id = Guid.NewGuid(),
            Stream = new StreamId("order-1"),
            Version = 1,
            Position = 1,
            Type = type,
            Timestamp = DateTimeOffset.UnixEpoch,
            Payload = default,
        };
        var messages = new MessageEncryptor(transport, "/shop");

        var error = await Record.ExceptionAsync(
            async () => await messages.Prepare(stored.Revealed(default, "a problem"), CancellationToken.None));

        Assert.Equal(isRefused, error is CannotDeserializeException);
    }

    private static Task<AppendResult> Place(Node shop) =>
        shop.Store.Append(new StreamId("order-1"), ExpectedVersion.Any, [new Placed(Marker, 5)]);

    private static string TextOf(Message message) => Encoding.UTF8.GetString(message.Body.Span);

    private static async Task<List<RecordedEvent>> Bills(Node node) =>
        await node.Store.ReadLog(EventFilter.OfTypes("order.paid")).ToListAsync();

    private static async Task<DeadLetter> Parked(Node node, string consumer)
    {
        var letters = await Eventually.Get(
            async () => await node.DeadLetters.List(new DeadLetterQuery { Consumer = consumer }),
            static found => found.Any(static letter => letter.State == DeadLetterState.Parked));
        return letters.Single();
    }

    private void Keys(MillraceBuilder millrace) =>
        millrace.UseKeys(_ => _keys, options => options.MasterKey = _master);

    private Task<Node> Shop(IStorage? storage = null, ITransport? transport = null) =>
        Node.Start(
            millrace =>
            {
                Keys(millrace);
                millrace
                    .AddModel(model => model.Protect("order.placed", new ProtectedMember("/order")))
                    .AddErasures(options =>
                    {
                        options.PrivateKeyPem = _certificates.ExportPkcs8PrivateKeyPem();
                        options.SettleTime = TimeSpan.Zero;
                    });
                if (storage is null)
                    millrace.UseTransport(
                        "memory",
                        _ => transport ?? new InMemoryTransport(_broker),
                        static transport => transport.Publish<Placed>("orders"));
            },
            storage);

    /// <summary>Starts an application that publishes all events, and does not mark any member.</summary>
    private Task<Node> Unmarked(IStorage storage, List<Message> sent) =>
        Node.Start(
            millrace =>
            {
                Keys(millrace);
                var transport = new FaultyTransport(_broker)
                {
                    MapSent = messages =>
                    {
                        sent.AddRange(messages.Select(static one => one.Message));
                        return messages;
                    },
                    MapOutcomes = static outcomes => [.. outcomes.Select(static _ => PublishOutcome.Confirmed)],
                };
                millrace.UseTransport("memory", _ => transport, static transport => transport.PublishAll("orders"));
            },
            storage);

    private Task<Node> Billing(Func<Placed, string> handle) =>
        Node.Start(millrace =>
        {
            Keys(millrace);
            millrace.Services.AddSingleton<ILoggerFactory>(_log);
            millrace.UseInMemoryTransport(
                transport => transport.Receive(
                    "billing", "orders", receiver => receiver.Handle<Placed>((placed, context, _) =>
                    {
                        context.Effect.To(
                            new StreamId("bill-1"), ExpectedVersion.Any, new Paid(handle(placed)));
                        return default;
                    })),
                _broker);
        });

    private async Task<Listener> Listen()
    {
        var subscription = new Subscription("test", "orders");
        var transport = new InMemoryTransport(_broker);
        await transport.Declare(new TransportTopology(["orders"], [subscription]), CancellationToken.None);
        return new Listener(await transport.Receive(subscription, CancellationToken.None));
    }
}
