using Millrace.Testing;

namespace Millrace.RabbitMq.Tests;

/// <summary>A broker with too little memory: it takes nothing from publishers, and hands over messages as
/// before.</summary>
public sealed class RabbitMqAlarmTests
{
    private const string Memory = "set_vm_memory_high_watermark";

    private static readonly CancellationToken Cancel = CancellationToken.None;

    [RabbitMqFact]
    public async Task An_answer_that_it_does_not_take_is_not_dropped_but_given_when_it_does()
    {
        await using var server = await RabbitMqServer.Start();
        using var measured = new MeasuredMessages("stock");
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stock = new Stock { Refuses = told.Task };
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
        await using var heard = new Listener(await transport.Receive(answers, Cancel));
        await Eventually.Holds(() => warehouse.Transports.List().Single().State == TransportState.Connected);

        Assert.True((await transport.Publish([Request()], Cancel)).Single().IsConfirmed);
        await Eventually.Holds(() => stock.Refusing);
        await server.Control(Memory, "0.0000001");
        told.SetResult();
        await Eventually.Holds(() => measured[$"messaging.process.duration {nameof(TransportUnavailableException)}"] > 0
            || measured["millrace.messaging.unanswered"] > 0);
        await server.Control(Memory, "0.4");

        Assert.Equal("1", (await heard.Take(1)).Single().CausationId);
        Assert.Equal(0, measured["millrace.messaging.unanswered"]);
    }

    /// <summary>Exceeds the stock: it is refused once the refusal can be sent.</summary>
    private static OutgoingMessage Request() => new("stock", new Message
    {
        Id = "1",
        Type = "reserve-stock",
        Body = """{ "product": "1", "quantity": 11 }"""u8.ToArray(),
        Headers = new Dictionary<string, string> { ["replyto"] = "answers", ["replytype"] = "asked" },
    });
}
