using Millrace.Benchmarks.Data;
using Millrace.Messaging;

namespace Millrace.Benchmarks.Messaging;

/// <summary>Declares the subscription of one round and publishes its messages.</summary>
internal sealed class BrokerLoad(IBenchBroker broker) : IAsyncDisposable
{
    private const int Batch = 1_000;
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(1);
    private static int _declared;

    public Subscription Subscription { get; private set; } = new("", "");

    /// <summary>Declares a subscription that can store about the given number of messages at the broker.</summary>
    public static async Task<BrokerLoad> Declare(IBenchBroker broker, int messages)
    {
        var name = $"bench-{++_declared}";
        await broker.Prepare(name, messages);
        var load = new BrokerLoad(broker) { Subscription = new Subscription(name, name) };
        await using var transport = broker.NewTransport();
        await transport.Declare(new TransportTopology([name], [load.Subscription]), CancellationToken.None);
        return load;
    }

    /// <summary>Publishes lines through a Millrace transport.</summary>
    public async Task Fill(int count)
    {
        await using var transport = broker.NewTransport();
        for (var sent = 0; sent < count; sent += Batch)
        {
            var messages = Enumerable.Range(sent, Math.Min(Batch, count - sent)).Select(MessageOf).ToList();
            var outcomes = await transport.Publish(messages, CancellationToken.None);
            if (outcomes.Any(outcome => !outcome.IsConfirmed))
                throw new InvalidOperationException(
                    $"{broker.Name} did not confirm a message: {outcomes.First(outcome => !outcome.IsConfirmed)}");
        }
    }

    /// <summary>Receives one published message.</summary>
    public async Task<Message> TakeOne()
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        await using var transport = broker.NewTransport();
        await using var receiver = await transport.Receive(Subscription, limit.Token);
        return (await receiver.Take(1, limit.Token))[0].Message;
    }

    public async ValueTask DisposeAsync() => await broker.Drop(Subscription);

    private OutgoingMessage MessageOf(int number)
    {
        var key = SampleLines.KeyOf(number);
        return new OutgoingMessage(Subscription.Destination, new Message
        {
            Id = Guid.CreateVersion7().ToString(),
            Type = SampleLines.EventType,
            Subject = SampleLines.StreamNames[key],
            Time = DateTimeOffset.UnixEpoch,
            Body = SampleLines.Instance.Payload(key),
        });
    }
}
