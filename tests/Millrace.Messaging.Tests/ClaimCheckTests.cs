using System.Globalization;
using System.Text;
using Microsoft.Extensions.Options;
using Millrace.Messaging.Bodies;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Messaging.Tests;

public sealed class ClaimCheckTests : IDisposable
{
    private const string Reference = "dataref";

    private static readonly CancellationToken Cancel = CancellationToken.None;
    private static readonly string Large = new('x', 5_000);

    private readonly InMemoryBroker _broker = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("millrace-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public Task A_large_body_is_stored_outside_the_broker_and_a_lost_or_changed_one_is_reported() =>
        new ClaimChecks("memory", (millrace, configure) => millrace.UseInMemoryTransport(configure, _broker)).Run();

    [Fact]
    public async Task The_message_carries_a_reference_with_the_digest_of_its_body()
    {
        await using var queue = await Subscribe("orders");
        await using var node = await Start("orders", []);

        await Place(node, Large);
        await Place(node, "small");

        var messages = await queue.Take(2);
        Assert.True(messages[0].Body.IsEmpty);
        var reference = BodyReference.Parse(messages[0].Headers[Reference])!;
        var stored = await node.Store.ReadLog(EventFilter.All).FirstAsync();
        Assert.True(reference.IsOf(stored.Payload.Span));
        Assert.InRange(reference.Until - DateTimeOffset.UtcNow, TimeSpan.FromDays(13.9), TimeSpan.FromDays(14.1));
        Assert.Equal((stored.Id.ToString(), "order.placed"), (messages[0].Id, messages[0].Type));
        Assert.False(messages[1].Headers.ContainsKey(Reference));
        Assert.Contains("small", Encoding.UTF8.GetString(messages[1].Body.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_body_of_an_event_with_several_destinations_is_stored_once()
    {
        await using var first = await Subscribe("first");
        await using var second = await Subscribe("second");
        await using var node = await Node.Start(
            millrace =>
                millrace.UseInMemoryTransport(transport => transport.PublishAll("first").PublishAll("second"), _broker),
            settings: Settings([]));

        await Place(node, Large);

        var (message, copy) = ((await first.Take(1)).Single(), (await second.Take(1)).Single());
        Assert.Equal(message.Headers[Reference], copy.Headers[Reference]);
        Assert.Single(_folder.GetFiles("*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Nodes_that_share_a_store_need_no_folder()
    {
        var storage = new InMemoryStorage();
        var settings = new Dictionary<string, string?> { ["Millrace:Messaging:memory:ClaimCheckAbove"] = "1000" };
        await using var node = await Node.Start(
            millrace => millrace.UseInMemoryTransport(
                transport => transport.Publish<Placed>("orders").Receive(
                    "billing", "orders", receiver => receiver.Handle<Placed>(Bill)),
                _broker),
            storage,
            settings);

        await Place(node, Large);

        var bills = await Eventually.Get(() => Bills(node), static bills => bills.Count == 1);
        Assert.Equal(Large, bills[0]);
        Assert.Equal(1, await storage.Documents.Count("message-bodies", [], Cancel));
    }

    [Fact]
    public async Task A_missing_folder_pauses_the_publisher_and_no_message_is_lost()
    {
        await using var queue = await Subscribe("orders");
        var missingFolder = Path.Combine(_folder.FullName, "not mounted");
        await using var node = await Start("orders", [("Bodies:Folder", missingFolder)]);
        await Place(node, Large);
        var status = await Eventually.Get(
            () => Task.FromResult(node.Transports.List().Single()),
            static transport => transport.State == TransportState.Unavailable);
        Assert.Contains("create it, or mount its disk", status.Problem, StringComparison.Ordinal);

        Directory.CreateDirectory(missingFolder);

        Assert.True(BodyReference.Parse((await queue.Take(1)).Single().Headers[Reference]) is not null);
        Assert.Equal(0, await node.DeadLetters.Count(new DeadLetterQuery()));
        await Eventually.Until(() => node.Transports.List().Single().State == TransportState.Connected);
    }

    [Fact]
    public async Task A_missing_folder_pauses_the_receiver_and_no_message_is_parked()
    {
        await using var billing = await Billing();
        await Eventually.Until(() => billing.Transports.List().Single().State == TransportState.Connected);
        var moved = _folder.FullName + ".away";
        Directory.Move(_folder.FullName, moved);

        await Publish(BodyReference.Of("lost"u8, DateTimeOffset.UtcNow).ToString());
        await Eventually.Until(() => billing.Transports.List().Single().State == TransportState.Unavailable);
        Assert.Empty(await billing.Store.ReadLog(EventFilter.All).ToListAsync());
        Directory.Move(moved, _folder.FullName);

        // The receiver reads the folder again and now reports the missing body.
        var letters = await Eventually.Get(
            async () => await billing.DeadLetters.List(new DeadLetterQuery()), static letters => letters.Count == 1);
        Assert.EndsWith(nameof(MessageBodyException), letters[0].ErrorType, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("urn:millrace:body:../../etc/passwd")]
    [InlineData("urn:millrace:body:2026112107:XYZ")]
    [InlineData("urn:millrace:body:2026999907:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    public async Task An_invalid_reference_is_reported_and_no_file_is_read(string reference)
    {
        await using var billing = await Billing();
        await Eventually.Until(() => billing.Transports.List().Single().State == TransportState.Connected);

        await Publish(reference);

        var letters = await Eventually.Get(
            async () => await billing.DeadLetters.List(new DeadLetterQuery()),
            static letters => letters is [{ State: DeadLetterState.Parked }]);
        Assert.Contains("its reference was not written by Millrace", letters[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reference_of_another_system_is_an_ordinary_header()
    {
        await using var billing = await Billing();
        await Eventually.Until(() => billing.Transports.List().Single().State == TransportState.Connected);

        await Publish("https://elsewhere.invalid/7", """{"order":"7","total":1}""");

        await Eventually.Get(() => Bills(billing), static bills => bills is ["7"]);
    }

    [Fact]
    public async Task Requests_and_replies_can_be_large()
    {
        var stock = new Stock();
        await using var warehouse = await Node.Start(
            millrace => millrace.AddModel(stock.Register).UseInMemoryTransport(
                transport => transport.Receive("stock", "stock", receiver => receiver.Answer<ReserveStock>()), _broker),
            settings: Settings([("memory:ClaimCheckAbove", "0")]));
        await Eventually.Until(() => warehouse.Transports.List().Single().State == TransportState.Connected);
        await using var shop = await Node.Start(
            millrace => millrace.AddModel(model => model.Json(StockJson.Default)).UseInMemoryTransport(
                transport => transport.Request<ReserveStock>("stock"), _broker),
            settings: Settings([("memory:ClaimCheckAbove", "0")]));

        var answer = await shop.Requests.Send(
            new ReserveStock("1", 3), new RequestOptions { Timeout = TimeSpan.FromMinutes(1) });

        Assert.Equal(new Reserved("1", Stock.InitialStock - 3), answer);
        Assert.Equal(2, _folder.GetFiles("*", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public async Task A_node_that_stores_bodies_removes_expired_bodies()
    {
        var expired = BodyReference.Of("over"u8, DateTimeOffset.UtcNow.AddHours(-3));
        var later = BodyReference.Of("later"u8, DateTimeOffset.UtcNow.AddHours(3));
        var bodies = new FolderBodyStore(_folder.FullName);
        await bodies.Put(expired, "over"u8.ToArray(), Cancel);
        await bodies.Put(later, "later"u8.ToArray(), Cancel);

        await using var node = await Start("orders", []);

        await Eventually.Get(async () => await bodies.Find(expired, Cancel), static found => found is null);
        Assert.NotNull(await bodies.Find(later, Cancel));
    }

    /// <summary>
    /// Another node may have just written the same body, and its machine may crash before the data is on disk.
    /// </summary>
    [Fact]
    public async Task Storing_an_existing_body_completes_only_after_a_flush()
    {
        var body = "large"u8.ToArray();
        var reference = BodyReference.Of(body, DateTimeOffset.UtcNow.AddHours(3));
        var flushed = 0;
        var bodies = new FolderBodyStore(_folder.FullName) { Flush = _ => flushed++ };
        await bodies.Put(reference, body, Cancel);
        Assert.Equal(2, flushed); // One flush for the content and one for the directory entry.

        await bodies.Put(reference, body, Cancel);
        Assert.Equal(3, flushed);

        var broken = new FolderBodyStore(_folder.FullName)
        {
            Flush = static _ => throw new IOException("The disk is gone."),
        };
        await Assert.ThrowsAsync<IOException>(() => broken.Put(reference, body, Cancel).AsTask());
    }

    [Fact]
    public async Task Options_out_of_range_prevent_the_application_from_starting()
    {
        var refused = await Assert.ThrowsAnyAsync<OptionsValidationException>(() =>
            Start("orders", [("memory:ClaimCheckAbove", "-1"), ("Bodies:KeptFor", "00:59:00")]));
        Assert.Contains(
            "Millrace:Messaging:Bodies:KeptFor: must be from 01:00:00", refused.Message, StringComparison.Ordinal);

        refused = await Assert.ThrowsAnyAsync<OptionsValidationException>(() =>
            Start("orders", [("memory:ClaimCheckAbove", "-1")]));
        Assert.Contains(
            "Millrace:Messaging:memory:ClaimCheckAbove: must be 0 or more", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reference_is_parsed_back_from_its_text_and_expires_at_a_full_hour()
    {
        var reference = BodyReference.Of("body"u8, new DateTimeOffset(2026, 11, 21, 23, 0, 1, TimeSpan.FromHours(1)));

        Assert.Equal(reference, BodyReference.Parse(reference.ToString()));
        Assert.Equal(new DateTimeOffset(2026, 11, 21, 23, 0, 0, TimeSpan.Zero), reference.Until);
        Assert.StartsWith("2026112123-", reference.Name, StringComparison.Ordinal);
        Assert.True(reference.IsOf("body"u8) && !reference.IsOf("Body"u8));
        Assert.Null(BodyReference.Parse(""));
        Assert.Null(BodyReference.Parse(reference.ToString() + "0"));
        Assert.Null(BodyReference.Parse(reference.ToString().ToUpper(CultureInfo.InvariantCulture)));
    }

    private static Task<AppendResult> Place(Node node, string order) =>
        node.Store.Append(Shop.StreamOf("1"), ExpectedVersion.Any, [new Placed(order, 1)]);

    private static ValueTask Bill(Placed placed, MessageContext context, CancellationToken cancellationToken)
    {
        context.Effect.To(StreamId.For("bill", "1"), ExpectedVersion.Any, new Paid(placed.Order));
        return ValueTask.CompletedTask;
    }

    private static async Task<List<string>> Bills(Node node) =>
        await node.Store.ReadLog(EventFilter.InStreams("bill-")).Select(bill => ((Paid)bill.Data).Order).ToListAsync();

    private async Task Publish(string reference, string body = "")
    {
        var message = new Message
        {
            Id = Guid.NewGuid().ToString(),
            Type = "order.placed",
            Body = Encoding.UTF8.GetBytes(body),
            Headers = new Dictionary<string, string> { [Reference] = reference },
        };
        await using var transport = new InMemoryTransport(_broker);
        var outcomes = await transport.Publish([new OutgoingMessage("orders", message)], Cancel);
        Assert.True(outcomes.Single().IsConfirmed);
    }

    private Task<Node> Billing() => Node.Start(
        millrace => millrace.UseInMemoryTransport(
            transport => transport.Receive("billing", "orders", receiver => receiver.Handle<Placed>(Bill)), _broker),
        settings: Settings([]));

    private Task<Node> Start(string destination, (string Name, string Value)[] settings) =>
        Node.Start(
            millrace =>
                millrace.UseInMemoryTransport(
                    transport =>
                        transport.PublishAll(destination).Configure(options => options.AllowsUnroutable = true),
                    _broker),
            settings: Settings(settings));

    private Dictionary<string, string?> Settings((string Name, string Value)[] settings)
    {
        var all = new Dictionary<string, string?>
        {
            ["Millrace:Messaging:Bodies:Folder"] = _folder.FullName,
            ["Millrace:Messaging:memory:ClaimCheckAbove"] = "1000",
        };
        foreach (var (name, value) in settings)
            all[$"Millrace:Messaging:{name}"] = value;
        return all;
    }

    private async Task<Listener> Subscribe(string destination)
    {
        await using var transport = new InMemoryTransport(_broker);
        var subscription = new Subscription($"test.{destination}", destination);
        await transport.Declare(new TransportTopology([destination], [subscription]), Cancel);
        return new Listener(await transport.Receive(subscription, Cancel));
    }
}
