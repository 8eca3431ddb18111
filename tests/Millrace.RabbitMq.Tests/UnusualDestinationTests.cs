using System.Globalization;
using Millrace.Testing;
using RabbitMQ.Client;

namespace Millrace.RabbitMq.Tests;

/// <summary>
/// Tests messages for exchanges that do not exist or refuse messages. The broker closes the channel of such messages,
/// which must not be the channel of other messages.
/// </summary>
public sealed class UnusualDestinationTests
{
    // An internal exchange of the broker, which refuses messages of clients.
    private const string Internal = "amq.rabbitmq.trace";

    private static readonly CancellationToken Cancel = CancellationToken.None;

    private readonly string _destination = $"stock-{Guid.NewGuid():N}";

    [RabbitMqFact]
    public async Task A_message_for_an_undeclared_destination_fails_alone()
    {
        await using var transport = await Transport();
        await using var stock = await Subscribe(transport);

        var outcomes = await transport.Publish(
            [
                To(_destination, "1"),
                To($"{_destination}-missing", "2"),
                To(_destination, "3"),
                To(Internal, "4"),
                To(_destination, "5"),
            ],
            Cancel);

        Assert.Equal(
            [
                PublishResult.Confirmed, PublishResult.Unroutable, PublishResult.Confirmed, PublishResult.Unconfirmed,
                PublishResult.Confirmed,
            ],
            outcomes.Select(item => item.Result));
        Assert.Contains("no exchange", outcomes[1].Problem, StringComparison.Ordinal);
        Assert.Contains("ACCESS_REFUSED", outcomes[3].Problem, StringComparison.Ordinal);
        Assert.Equal(["1", "3", "5"], (await stock.Take(3)).Select(item => item.Id));
    }

    [RabbitMqFact]
    public async Task Messages_for_invalid_destinations_do_not_affect_other_messages()
    {
        await using var transport = await Transport();
        await using var stock = await Subscribe(transport);
        var publishing = new List<Task<IReadOnlyList<PublishOutcome>>>();

        for (var i = 0; i < 100; i++)
        {
            publishing.Add(transport.Publish([To(_destination, $"{i}")], Cancel).AsTask());
            if (i % 10 == 5)
                publishing.Add(transport.Publish([To($"{_destination}-{i}", "strange")], Cancel).AsTask());
        }

        var outcomes = await Task.WhenAll(publishing);
        Assert.Equal(10, outcomes.Count(item => item.Single().Result == PublishResult.Unroutable));
        Assert.Equal(100, outcomes.Count(item => item.Single().IsConfirmed));
        Assert.Equal(100, (await stock.Take(100)).Select(item => item.Id).Distinct().Count());
    }

    [RabbitMqFact]
    public async Task A_destination_that_is_declared_later_is_used_and_a_removed_one_is_unroutable()
    {
        await using var transport = await Transport();
        await using var other = await Transport();
        var first = await Publish(transport, "1");
        await using var stock = await Subscribe(other);

        var second = await Publish(transport, "2");
        var third = await Publish(transport, "3");
        await using (var connection = await Connect())
        await using (var channel = await connection.CreateChannelAsync())
            await channel.ExchangeDeleteAsync(_destination);
        await Eventually.Get(
            () => Publish(transport, "4"), static outcome => outcome.Result == PublishResult.Unroutable);

        Assert.Equal(
            [PublishResult.Unroutable, PublishResult.Confirmed, PublishResult.Confirmed],
            [first.Result, second.Result, third.Result]);
        Assert.Equal(["2", "3"], (await stock.Take(2)).Select(item => item.Id));
    }

    [RabbitMqFact]
    public async Task The_request_destination_is_declared_and_a_request_without_a_receiver_fails_immediately()
    {
        var server = await RabbitMqServer.Shared;
        await using var shop = await Node.Start(millrace => millrace
            .AddModel(model => model.Json(StockJson.Default))
            .UseRabbitMq(server.Uri, rabbit => rabbit.Request<ReserveStock>(_destination)));

        await Assert.ThrowsAsync<MessageUnroutableException>(async () =>
            await shop.Requests.Send(new ReserveStock("1", 1)));

        await using var connection = await Connect();
        await using var channel = await connection.CreateChannelAsync();
        await channel.ExchangeDeclarePassiveAsync(_destination);
        await channel.ExchangeDeleteAsync(_destination);
        await Assert.ThrowsAsync<TransportUnavailableException>(async () =>
            await shop.Requests.Send(new ReserveStock("1", 1)));
        await Assert.ThrowsAsync<MessageUnroutableException>(async () =>
            await shop.Requests.Send(new ReserveStock("1", 1)));
        await channel.ExchangeDeclarePassiveAsync(_destination);
    }

    [RabbitMqTheory]
    [InlineData("nowhere")]
    [InlineData(Internal)]
    public async Task An_answer_that_cannot_be_delivered_is_dropped_and_the_effect_remains(string replyTo)
    {
        var server = await RabbitMqServer.Shared;
        using var measured = new MeasuredMessages(_destination);
        var stock = new Stock();
        await using (
            var warehouse = await Node.Start(millrace =>
                millrace
                    .AddModel(stock.Register)
                    .UseRabbitMq(
                        server.Uri,
                        rabbit =>
                            rabbit
                                .Receive(_destination, _destination, receiver => receiver.Answer<ReserveStock>())
                                .Configure(options => options.AnswersTo = [replyTo, $"{_destination}.*"]))))
        await using (var transport = await Transport())
        {
            await using var answers = await Subscribe(transport, $"{_destination}.answers");
            await Eventually.Until(() => warehouse.Transports.List().Single().State == TransportState.Connected);

            // Both requests have one key, so that the second waits for the first.
            var outcomes = await transport.Publish(
                [Request("1", replyTo), Request("2", $"{_destination}.answers")],
                Cancel);

            Assert.All(outcomes, static outcome => Assert.True(outcome.IsConfirmed, outcome.Problem));
            Assert.Equal("2", (await answers.Take(1)).Single().CausationId);
            await Eventually.Until(() => measured["millrace.messaging.unanswered"] == 1);
            Assert.Equal(Stock.InitialStock - 2, stock.Remaining);
            Assert.Equal(TransportState.Connected, warehouse.Transports.List().Single().State);
        }
        await using var connection = await Connect();
        await using var channel = await connection.CreateChannelAsync();
        await Eventually.Get(
            () => channel.QueueDeclarePassiveAsync(_destination), static queue => queue.MessageCount == 0);
    }

    private static OutgoingMessage To(string destination, string id) =>
        new(destination, new Message { Id = id, Type = "order.placed", Body = "{}"u8.ToArray() });

    private static async Task<RabbitMqTransport> Transport() =>
        new(new RabbitMqOptions { Uri = (await RabbitMqServer.Shared).Uri });

    private static async Task<IConnection> Connect() =>
        await new ConnectionFactory { Uri = new Uri((await RabbitMqServer.Shared).Uri) }.CreateConnectionAsync(Cancel);

    private OutgoingMessage Request(string id, string replyTo) => new(_destination, new Message
    {
        Id = id,
        Type = "reserve-stock",
        Subject = "one",
        Body = """{ "product": "1", "quantity": 1 }"""u8.ToArray(),
        Headers = new Dictionary<string, string>
        {
            ["replyto"] = replyTo,
            ["replytype"] = "asked",
            ["expires"] = DateTimeOffset.UtcNow.AddMinutes(30).ToString("O", CultureInfo.InvariantCulture),
        },
    });

    private async Task<PublishOutcome> Publish(RabbitMqTransport transport, string id) =>
        (await transport.Publish([To(_destination, id)], Cancel)).Single();

    private async Task<Listener> Subscribe(RabbitMqTransport transport, string? destination = null)
    {
        var subscription = new Subscription($"test-{destination ?? _destination}", destination ?? _destination);
        await transport.Declare(new TransportTopology([], [subscription]), Cancel);
        return new Listener(await transport.Receive(subscription, Cancel));
    }
}
