using Millrace.Testing;

namespace Millrace.Redis.Tests;

public sealed class RequestOverRedisTests
{
    [RedisFact]
    public async Task A_service_sends_a_request_to_another_and_receives_the_answer()
    {
        await using var server = await RedisServer.Start();
        await new RequestChecks((millrace, configure) => millrace.UseRedis(server.Address, configure)).Run();
    }

    [RedisFact]
    public async Task An_answer_neither_creates_nor_extends_a_stream_that_a_request_names()
    {
        await using var server = await RedisServer.Start();
        var checks = new UndeliverableAnswerChecks(
            (millrace, configure) => millrace.UseRedis(server.Address, configure));

        await checks.Run();

        Assert.Equal(":0", await server.Ask($"EXISTS {checks.Nowhere}"));
    }

    /// <summary>The key of the destination holds another type, so Redis would refuse the answer forever.</summary>
    [RedisFact]
    public async Task An_answer_that_cannot_be_delivered_is_dropped_and_the_next_request_is_answered()
    {
        await using var server = await RedisServer.Start();
        await server.Ask("SET taken 1");
        using var measured = new MeasuredMessages("stock");
        var stock = new Stock();
        await using var warehouse = await Node.Start(millrace => millrace.AddModel(stock.Register).UseRedis(
            server.Address, redis => redis.Receive("stock", "stock", receiver => receiver.Answer<ReserveStock>())
                .Configure(static options => options.AnswersTo = ["taken", "answers"])));

        await Request("1", "taken");
        await Request("2", "answers");

        await Eventually.Get(() => server.Ask("XLEN answers"), static length => length == ":1");
        await Eventually.Until(() => measured["millrace.messaging.unanswered"] == 1);
        Assert.Equal(Stock.InitialStock - 2, stock.Remaining);
        Assert.Equal(TransportState.Connected, warehouse.Transports.List().Single().State);

        // Both requests have one key, so that the second waits for the first.
        Task Request(string id, string replyTo) =>
            warehouse.Transports.Publish(RedisTransport.Name, "stock", new Message
            {
                Id = id,
                Type = "reserve-stock",
                Subject = "one",
                Body = """{ "product": "1", "quantity": 1 }"""u8.ToArray(),
                Headers = new Dictionary<string, string> { ["replyto"] = replyTo, ["replytype"] = "asked" },
            }).AsTask();
    }
}
