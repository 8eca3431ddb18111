using Millrace.Testing;

namespace Millrace.Messaging.Tests;

public sealed class RequestTests
{
    // Short, but long enough to send the request.
    private static readonly RequestOptions Short = new() { Timeout = TimeSpan.FromSeconds(10) };

    private readonly InMemoryBroker _broker = new();

    [Fact]
    public Task A_service_sends_a_request_to_another_and_receives_the_answer() =>
        new RequestChecks((millrace, configure) => millrace.UseInMemoryTransport(configure, _broker)).Run();

    [Fact]
    public async Task A_request_without_a_receiver_fails_immediately()
    {
        await using var shop = await Node.Start(ConfigureShop);

        await Assert.ThrowsAsync<MessageUnroutableException>(async () =>
            await shop.Requests.Send(new ReserveStock("1", 1)));
    }

    [Fact]
    public async Task A_request_without_an_answer_times_out_and_its_late_reply_is_ignored()
    {
        await using var requests = await Subscribe("stock");
        await using var shop = await Node.Start(ConfigureShop);

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
        await Eventually.Until(() => _broker.Waiting($"millrace.replies.{reply.Type}") == 0);
    }

    /// <summary>The refusal of the first request is valid until that request expires, which is too early.</summary>
    [Fact]
    public async Task A_late_refusal_of_the_first_request_is_not_final_for_a_repeated_request()
    {
        await using var requests = await Subscribe("stock");
        await using var shop = await Node.Start(ConfigureShop);
        var options = new RequestOptions { IdempotencyKey = "once", Timeout = TimeSpan.FromMinutes(1) };
        using var cancellation = new CancellationTokenSource();
        var cancelled = shop.Requests.Send(new ReserveStock("1", 1), options, cancellation.Token).AsTask();
        var first = (await requests.Take(1)).Single();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);

        var late = await Refusal(refusedRequest: first);
        var current = await Refusal(refusedRequest: null);

        Assert.Equal((false, true), (late.IsSettled, current.IsSettled));

        async Task<RequestRefusedException> Refusal(Message? refusedRequest)
        {
            var sending = shop.Requests.Send(new ReserveStock("1", 1), options).AsTask();
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
                    ["expires"] = (refusedRequest ?? request).Headers["expires"],
                },
            };
            await shop.Transports.Publish(InMemoryTransport.Name, request.Headers["replyto"], reply);
            return await Assert.ThrowsAsync<RequestRefusedException>(() => sending);
        }
    }

    [Fact]
    public async Task An_expired_request_is_not_handled()
    {
        await Declare();
        await using (var shop = await Node.Start(ConfigureShop))
            await Assert.ThrowsAsync<RequestTimeoutException>(async () =>
                await shop.Requests.Send(new ReserveStock("1", 1), Short));
        var stock = new Stock();

        await using var warehouse = await Warehouse(stock);

        await Eventually.Until(() => _broker.Waiting("stock") == 0);
        Assert.Equal(Stock.InitialStock, stock.Remaining);
    }

    [Fact]
    public async Task Two_concurrent_copies_of_a_request_get_the_same_answer()
    {
        var refusalGate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stock = new Stock { RefusalGate = refusalGate.Task };
        await using var warehouse = await Warehouse(stock);
        await Eventually.Until(() => warehouse.Transports.List().Single().State == TransportState.Connected);
        await using var shop = await Node.Start(ConfigureShop);
        await using var other = await Node.Start(ConfigureShop);
        var options = Short with { IdempotencyKey = "once" };
        var request = new ReserveStock("1", Stock.InitialStock + 1);

        // Requests with different keys are handled at the same time.
        var first = shop.Requests.Send(request, options with { Key = "a" }).AsTask();
        await Eventually.Until(() => stock.IsRefusing);
        stock.Add(1);
        var second = await other.Requests.Send(request, options with { Key = "b" });
        refusalGate.SetResult();

        Assert.Equal(second, await first);
        Assert.Equal(0, stock.Remaining);
    }

    [Fact]
    public async Task A_request_whose_body_cannot_be_read_is_answered_with_an_error()
    {
        await using var warehouse = await Warehouse(new Stock());
        await Eventually.Until(() => warehouse.Transports.List().Single().State == TransportState.Connected);
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
    public async Task Unknown_request_types_are_refused_when_the_application_starts()
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

    private void ConfigureShop(MillraceBuilder millrace) => millrace.AddModel(model => model.Json(StockJson.Default))
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
