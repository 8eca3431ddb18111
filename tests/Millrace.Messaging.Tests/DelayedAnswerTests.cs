using Millrace.Testing;

namespace Millrace.Messaging.Tests;

/// <summary>Tests answers that a broker does not confirm in time, although the broker is available.</summary>
public sealed class DelayedAnswerTests
{
    private static readonly TimeSpan ConfirmTimeout = TimeSpan.FromSeconds(30);

    private readonly InMemoryBroker _broker = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly string _stock = $"stock-{Guid.NewGuid():N}"; // A unique name, because metrics are shared.
    private int _attempts;

    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 3)] // The broker first refuses the answer immediately.
    public async Task An_answer_that_exceeds_the_confirm_timeout_is_sent_again(int refusals, int attempts)
    {
        using var measured = new MeasuredMessages(_stock);
        await using var replies = await Replies();
        await using var warehouse = await Warehouse(refusals, timeouts: 1);

        await Ask(warehouse);

        var answer = replies.Take(1);
        await AdvanceUntil(() => answer.IsCompleted);
        Assert.Equal("1", (await answer).Single().CausationId);
        Assert.Equal((attempts, 0), (_attempts, measured["millrace.messaging.unanswered"]));
    }

    [Fact]
    public async Task An_answer_that_is_never_confirmed_is_dropped_after_the_second_attempt()
    {
        using var measured = new MeasuredMessages(_stock);
        await using var replies = await Replies();
        await using var warehouse = await Warehouse(refusals: 0, timeouts: 1_000);

        await Ask(warehouse);

        await AdvanceUntil(() => measured["millrace.messaging.unanswered"] > 0);
        Assert.Equal((2, 1), (_attempts, measured["millrace.messaging.unanswered"]));
    }

    /// <summary>Advances the clock until the condition is true.</summary>
    private Task AdvanceUntil(Func<bool> condition) => Eventually.Until(() =>
    {
        _clock.Advance(TimeSpan.FromMilliseconds(100));
        return condition();
    });

    private Task<Node> Warehouse(int refusals, int timeouts) =>
        Node.Start(
            millrace =>
                millrace
                    .AddModel(new Stock().Register)
                    .UseTransport(
                        InMemoryTransport.Name,
                        _ => new FaultyTransport(_broker) { MapSent = sent => Send(sent, refusals, timeouts) },
                        transport =>
                            transport
                                .Receive(_stock, _stock, receiver => receiver.Answer<ReserveStock>())
                                .Configure(static options =>
                                    (options.ConfirmTimeout, options.AnswersTo) = (ConfirmTimeout, ["answers"]))),
            time: _clock);

    private IReadOnlyList<OutgoingMessage> Send(IReadOnlyList<OutgoingMessage> sent, int refusals, int timeouts)
    {
        if (sent[0].Destination != "answers" || ++_attempts > refusals + timeouts)
            return sent;
        if (_attempts > refusals)
            _clock.Advance(ConfirmTimeout);
        throw new TransportUnavailableException("faulty", "it did not accept the answer.");
    }

    private async Task Ask(Node warehouse)
    {
        var request = new Message
        {
            Id = "1",
            Type = "reserve-stock",
            Body = """{ "product": "1", "quantity": 1 }"""u8.ToArray(),
            Headers = new Dictionary<string, string> { ["replyto"] = "answers", ["replytype"] = "asked" },
        };
        await warehouse.Transports.Publish(InMemoryTransport.Name, _stock, request);
    }

    private async Task<Listener> Replies()
    {
        var transport = new InMemoryTransport(_broker);
        var subscription = new Subscription("answers-heard", "answers");
        await transport.Declare(new TransportTopology([], [subscription]), CancellationToken.None);
        return new Listener(await transport.Receive(subscription, CancellationToken.None));
    }
}
