using Millrace.Testing;

namespace Millrace.Messaging.Tests;

public sealed class RequestTests
{
    // It is sent within that.
    private static readonly RequestOptions Short = new() { Timeout = TimeSpan.FromSeconds(10) };

    private readonly InMemoryBroker _broker = new();

    [Fact]
    public Task A_service_asks_another_and_is_answered() =>
        new RequestChecks((millrace, configure) => millrace.UseInMemoryTransport(configure, _broker)).Run();

    [Fact]
    public async Task A_request_without_a_receiver_fails_immediately()
    {
        await using var shop = await Node.Start(Asks);

        await Assert.ThrowsAsync<MessageUnroutableException>(async () =>
            await shop.Requests.Send(new ReserveStock("1", 1)));
    }

    [Fact]
    public async Task A_request_without_an_answer_times_out_and_its_late_reply_is_ignored()
    {
        await using var requests = await Subscribe("stock");
        await using var shop = await Node.Start(Asks);

        var late = await Assert.ThrowsAsync<RequestTimeoutException>(async () =>
            await shop.Requests.Send(new ReserveStock("1", 1), Short));

        Assert.True(late.IsTransient);
        var request = (await requests.Take(1)).Single();
        var reply = new Message
        {
            Id = "late",
            Type = request.Headers["replytype"],
            CausationId = request.Id,
            Body = "null"u8.ToArray(),
        };
        await shop.Transports.Publish(InMemoryTransport.Name, request.Headers["replyto"], reply);
        await Eventually.Holds(() => _broker.Waiting($"millrace.replies.{reply.Type}") == 0);
    }

    /// <summary>What was promised to the first holds for as long as that one lives, and the next one lives
    /// longer.</summary>
    [Fact]
    public async Task A_late_refusal_of_a_request_settles_nothing_for_the_one_that_is_sent_again()
    {
        await using var requests = await Subscribe("stock");
        await using var shop = await Node.Start(Asks);
        var options = new RequestOptions { IdempotencyKey = "once", Timeout = TimeSpan.FromMinutes(1) };
        using var impatient = new CancellationTokenSource();
        var given = shop.Requests.Send(new ReserveStock("1", 1), options, impatient.Token).AsTask();
        var first = (await requests.Take(1)).Single();
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);

        var late = await Refusal(of: first);
        var own = await Refusal(of: null);

        Assert.Equal((false, true), (late.IsSettled, own.IsSettled));

        async Task<RequestRefusedException> Refusal(Message? of)
        {
            var asking = shop.Requests.Send(new ReserveStock("1", 1), options).AsTask();
            var request = (await requests.Take(1)).Single();
            var reply = new Message
            {
                Id = request.Headers["expires"],
                Type = request.Headers["replytype"],
                CausationId = "once",
                Body = "{}"u8.ToArray(),
                Headers = new Dictionary<string, string>
                {
                    ["refused"] = "InvariantViolatedException",
                    ["settled"] = "true",
                    ["expires"] = (of ?? request).Headers["expires"],
                },
            };
            await shop.Transports.Publish(InMemoryTransport.Name, request.Headers["replyto"], reply);
            return await Assert.ThrowsAsync<RequestRefusedException>(() => asking);
        }
    }

    [Fact]
    public async Task An_expired_request_is_not_handled()
    {
        await Declare();
        await using (var shop = await Node.Start(Asks))
            await Assert.ThrowsAsync<RequestTimeoutException>(async () =>
                await shop.Requests.Send(new ReserveStock("1", 1), Short));
        var stock = new Stock();

        await using var warehouse = await Warehouse(stock);

        await Eventually.Holds(() => _broker.Waiting("stock") == 0);
        Assert.Equal(Stock.InitialStock, stock.Left);
    }

    [Fact]
    public async Task Two_concurrent_copies_never_have_different_answers()
    {
        var refuses = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stock = new Stock { Refuses = refuses.Task };
        await using var warehouse = await Warehouse(stock);
        await Eventually.Holds(() => warehouse.Transports.List().Single().State == TransportState.Connected);
        await using var shop = await Node.Start(Asks);
        await using var other = await Node.Start(Asks);
        var options = Short with { IdempotencyKey = "once" };
        var request = new ReserveStock("1", Stock.InitialStock + 1);

        // With their own keys they are handled side by side.
        var first = shop.Requests.Send(request, options with { Key = "a" }).AsTask();
        await Eventually.Holds(() => stock.Refusing);
        stock.Add(1);
        var second = await other.Requests.Send(request, options with { Key = "b" });
        refuses.SetResult();

        Assert.Equal(second, await first);
        Assert.Equal(0, stock.Left);
    }

    [Fact]
    public async Task A_request_whose_body_cannot_be_read_is_answered_so()
    {
        await using var warehouse = await Warehouse(new Stock());
        await Eventually.Holds(() => warehouse.Transports.List().Single().State == TransportState.Connected);
        await using var replies = await Subscribe("answers", "asked");
        var request = new Message
        {
            Id = "1",
            Type = "reserve-stock",
            Body = "no JSON"u8.ToArray(),
            Headers = new Dictionary<string, string> { ["replyto"] = "answers", ["replytype"] = "asked" },
        };

        await warehouse.Transports.Publish(InMemoryTransport.Name, "stock", request);

        var reply = (await replies.Take(1)).Single();
        Assert.Equal(("1", "JsonException"), (reply.CausationId, reply.Headers["refused"]));
    }

    [Fact]
    public async Task What_cannot_be_asked_or_answered_is_refused_when_the_application_starts()
    {
        var unknown = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            Node.Start(millrace =>
                millrace.UseInMemoryTransport(
                    transport => transport.Receive("stock", "stock", receiver => receiver.Answer<ReserveStock>()),
                    _broker)));
        var withoutJson = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            Node.Start(millrace =>
                millrace.UseInMemoryTransport(transport => transport.Request<ReserveStock>("stock"), _broker)));

        Assert.Contains("the model has no handler for it", unknown.Message, StringComparison.Ordinal);
        Assert.Contains("Add its JSON context", withoutJson.Message, StringComparison.Ordinal);
    }

    private void Asks(MillraceBuilder millrace) => millrace.AddModel(model => model.Json(StockJson.Default))
        .UseInMemoryTransport(transport => transport.Request<ReserveStock>("stock"), _broker);

    private Task<Node> Warehouse(Stock stock) =>
        Node.Start(millrace =>
            millrace
                .AddModel(stock.Register)
                .UseInMemoryTransport(
                    transport =>
                        transport
                            .Receive("stock", "stock", receiver => receiver.Answer<ReserveStock>())
                            .Configure(static options => options.AnswersTo = ["answers"]),
                    _broker));

    private ValueTask Declare() => new InMemoryTransport(_broker)
        .Declare(new TransportTopology([], [new Subscription("stock", "stock")]), CancellationToken.None);

    private async Task<Listener> Subscribe(string destination, params IReadOnlyList<string> types)
    {
        var transport = new InMemoryTransport(_broker);
        var subscription = new Subscription(destination + "-heard", destination) { Types = types };
        await transport.Declare(new TransportTopology([], [subscription]), CancellationToken.None);
        return new Listener(await transport.Receive(subscription, CancellationToken.None));
    }
}
