using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Messaging.Tests;

/// <summary>Tests the log entries of a message that could not be handled.</summary>
public sealed class HeldMessageLogTests : IDisposable
{
    private const int HeldEventId = 9004;
    private const int ParkedEventId = 2011;

    private readonly InMemoryBroker _broker = new();
    private readonly RecordedLog _log = new(LogLevel.Warning);

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task A_domain_refusal_is_logged_with_name_and_message_but_without_a_stack_trace()
    {
        await Refuse(new InvariantViolatedException("stock", "enough", "Only 3 are left."));

        Assert.Contains("message order.placed 1:", LoggedText(HeldEventId), StringComparison.Ordinal);
        Assert.EndsWith(" enough: Only 3 are left.", LoggedText(HeldEventId), StringComparison.Ordinal);
        Assert.DoesNotContain(_log.Exceptions, item => item.Id == HeldEventId);
    }

    [Fact]
    public async Task An_unexpected_exception_is_logged_with_its_stack_trace()
    {
        var fault = new InvalidOperationException("The sky fell.");

        await Refuse(fault);

        Assert.EndsWith(" InvalidOperationException: The sky fell.", LoggedText(HeldEventId), StringComparison.Ordinal);
        Assert.Contains(_log.Exceptions, item => item.Id == HeldEventId && item.Exception == fault);
    }

    [Fact]
    public async Task Parking_is_logged_with_the_number_of_the_last_attempt()
    {
        var letter = await Refuse(new InvariantViolatedException("stock", "enough", "Only 3 are left."));

        Assert.Contains(
            $": attempt {letter.Attempts} was the last. The key ", LoggedText(ParkedEventId), StringComparison.Ordinal);
    }

    private string LoggedText(int id) => _log.Entries.First(entry => entry.Id == id).Text;

    /// <summary>Publishes a message whose handler fails, and returns its dead letter when it is parked.</summary>
    private async Task<DeadLetter> Refuse(Exception failure)
    {
        await using var node = await Node.Start(millrace =>
        {
            millrace.Services.AddSingleton<ILoggerFactory>(_log);
            millrace.UseInMemoryTransport(
                transport =>
                    transport.Receive(
                        "billing", "orders", receiver => receiver.Handle<Placed>((_, _, _) => throw failure)),
                _broker);
        });
        await using var transport = new InMemoryTransport(_broker);
        var message = new Message
        {
            Id = "1",
            Type = "order.placed",
            Source = "shop",
            Subject = "order-7",
            Body = """{"order":"7","total":1}"""u8.ToArray(),
        };

        // Before the receiver has declared its queue, the broker reports the message as unroutable.
        await Eventually.Get(
            async () => await transport.Publish([new("orders", message)], CancellationToken.None),
            static outcomes => outcomes[0].IsConfirmed);

        await Eventually.Until(() => _log.Entries.Any(entry => entry.Id == ParkedEventId));
        return Assert.Single(await node.DeadLetters.List(new DeadLetterQuery { Consumer = "receive.billing" }));
    }
}
