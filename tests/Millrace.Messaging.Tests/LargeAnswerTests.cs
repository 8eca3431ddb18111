using Millrace.Testing;

namespace Millrace.Messaging.Tests;

/// <summary>Tests answers whose bodies are stored outside the broker.</summary>
public sealed class LargeAnswerTests : IDisposable
{
    private static readonly CancellationToken Cancel = CancellationToken.None;

    private readonly string _stock = $"stock-{Guid.NewGuid():N}";
    private readonly InMemoryBroker _broker = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("millrace-");

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>A missing disk says nothing about the address of the answer, so the request is retried.</summary>
    [Fact]
    public async Task An_answer_whose_body_cannot_be_stored_is_not_dropped()
    {
        using var measured = new MeasuredMessages(_stock);
        var stock = new Stock();
        await using var warehouse = await Warehouse(stock);
        await using var transport = new InMemoryTransport(_broker);
        var answers = new Subscription("answers-heard", "answers");
        await transport.Declare(new TransportTopology([], [answers]), Cancel);
        await using var listener = new Listener(await transport.Receive(answers, Cancel));
        _folder.Delete();

        await transport.Publish([new OutgoingMessage(_stock, Request(DateTimeOffset.UtcNow))], Cancel);
        await Eventually.Until(() => Failed(measured) || measured["millrace.messaging.unanswered"] > 0);
        _folder.Create();

        var answer = (await listener.Take(1)).Single();
        Assert.Equal("1", answer.CausationId);
        Assert.Contains("dataref", answer.Headers.Keys);
        Assert.Equal(0, measured["millrace.messaging.unanswered"]);
        Assert.Equal(Stock.InitialStock - 1, stock.Remaining);
    }

    /// <summary>Otherwise the request would block all later requests while its answer is refused.</summary>
    [Fact]
    public async Task A_request_without_an_expiry_is_not_retried_forever()
    {
        using var measured = new MeasuredMessages(_stock);
        await using var warehouse = await Warehouse(new Stock());
        await using var transport = new InMemoryTransport(_broker);
        _folder.Delete();

        await transport.Publish([new OutgoingMessage(_stock, Request(DateTimeOffset.UtcNow.AddHours(-2)))], Cancel);
        await Eventually.Until(() => measured["millrace.messaging.unanswered"] > 0);
        _folder.Create();

        Assert.False(Failed(measured));
    }

    private static bool Failed(MeasuredMessages measured) =>
        measured[$"messaging.process.duration {nameof(TransportUnavailableException)}"] > 0;

    private static Message Request(DateTimeOffset sent) => new()
    {
        Id = "1",
        Type = "reserve-stock",
        Time = sent,
        Body = """{ "product": "1", "quantity": 1 }"""u8.ToArray(),
        Headers = new Dictionary<string, string> { ["replyto"] = "answers", ["replytype"] = "asked" },
    };

    private async Task<Node> Warehouse(Stock stock)
    {
        var node = await Node.Start(
            millrace => millrace.AddModel(stock.Register).UseInMemoryTransport(
                transport => transport.Receive(_stock, _stock, receiver => receiver.Answer<ReserveStock>())
                    .Configure(static options => (options.ClaimCheckAbove, options.AnswersTo) = (1, ["answers"])),
                _broker),
            settings: new Dictionary<string, string?> { ["Millrace:Messaging:Bodies:Folder"] = _folder.FullName });
        await Eventually.Until(() => node.Transports.List().Single().State == TransportState.Connected);
        return node;
    }
}
