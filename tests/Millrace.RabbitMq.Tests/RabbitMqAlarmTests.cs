using Millrace.Testing;

namespace Millrace.RabbitMq.Tests;

/// <summary>Tests a broker with a memory alarm, which accepts no new messages but still delivers messages.</summary>
public sealed class RabbitMqAlarmTests
{
    private const string Memory = "set_vm_memory_high_watermark";

    private static readonly CancellationToken Cancel = CancellationToken.None;

    [RabbitMqFact]
    public async Task An_answer_is_sent_when_the_memory_alarm_ends()
    {
        await using var server = await RabbitMqServer.Start();
        using var measured = new MeasuredMessages("stock");
        var refusalGate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stock = new Stock { RefusalGate = refusalGate.Task };
        await using var warehouse = await Node.Start(millrace =>
            millrace
                .AddModel(stock.Register)
                .UseRabbitMq(
                    server.Uri,
                    rabbit =>
                        rabbit
                            .Receive("stock", "stock", receiver => receiver.Answer<ReserveStock>())
                            .Configure(static options =>
                                (options.ConfirmTimeout, options.AnswersTo) = (TimeSpan.FromSeconds(3), ["answers"]))));
        await using var transport = new RabbitMqTransport(new RabbitMqOptions { Uri = server.Uri });
        var answers = new Subscription("answers-heard", "answers");
        await transport.Declare(new TransportTopology([], [answers]), Cancel);
        await using var listener = new Listener(await transport.Receive(answers, Cancel));
        await Eventually.Until(() => warehouse.Transports.List().Single().State == TransportState.Connected);

        Assert.True((await transport.Publish([Request()], Cancel)).Single().IsConfirmed);
        await Eventually.Until(() => stock.IsRefusing);
        await server.Control(Memory, "0.0000001");
        refusalGate.SetResult();
        await Eventually.Until(() => measured[$"messaging.process.duration {nameof(TransportUnavailableException)}"] > 0
            || measured["millrace.messaging.unanswered"] > 0);
        await server.Control(Memory, "0.4");

        Assert.Equal("1", (await listener.Take(1)).Single().CausationId);
        Assert.Equal(0, measured["millrace.messaging.unanswered"]);
    }

    /// <summary>Creates a request that exceeds the stock and is refused when the refusal can be sent.</summary>
    private static OutgoingMessage Request() => new("stock", new Message
    {
        Id = "1",
        Type = "reserve-stock",
        Body = """{ "product": "1", "quantity": 11 }"""u8.ToArray(),
        Headers = new Dictionary<string, string> { ["replyto"] = "answers", ["replytype"] = "asked" },
    });
}
