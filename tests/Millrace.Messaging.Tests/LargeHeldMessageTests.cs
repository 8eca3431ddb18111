using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Messaging.Tests;

/// <summary>
/// Tests that a message that cannot be handled and exceeds the size of an event is stored. It blocks only messages
/// of its own key.
/// </summary>
public sealed class LargeHeldMessageTests : IDisposable
{
    private const int HeldEventId = 9004;

    private static readonly CancellationToken Cancel = CancellationToken.None;

    private readonly InMemoryBroker _broker = new();
    private readonly InMemoryStorage _storage = NewStorage();
    private readonly RecordedLog _log = new(LogLevel.Warning);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("millrace-");
    private bool _isFixed;

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        _log.Dispose();
    }

    [Theory]
    [InlineData(false)] // In the database of the store.
    [InlineData(true)]
    public async Task The_body_of_a_large_held_message_is_stored_and_read_on_a_retry(bool inFolder)
    {
        await using var billing = await Billing(inFolder);

        await Publish(Message("7", 1, new string('x', 2_000_000)));
        await Publish(Message("7", 2), Message("8", 3));

        await Eventually.Get(() => Bills(billing), static bills => bills is ["8 for 3"]);
        var letters = await Eventually.Get(() => ReadDeadLetters(billing), static letters => letters is
            [{ State: DeadLetterState.Parked, Message: "It is broken." }, { State: DeadLetterState.Waiting }]);
        Assert.Equal(inFolder ? 1 : 0, _folder.GetFiles("*", SearchOption.AllDirectories).Length);
        if (!inFolder)
            Assert.Equal(1, await _storage.Documents.Count("message-bodies", [], Cancel));
        Assert.Single(_log.Entries, static entry => entry.Id == HeldEventId);

        Volatile.Write(ref _isFixed, true);
        await billing.DeadLetters.Retry(letters[0].Id, new DeadLetterNote("ada", "mended"));

        await Eventually.Get(() => Bills(billing), static bills => bills is ["8 for 3", "7 for 1", "7 for 2"]);
    }

    [Fact]
    public async Task A_message_with_headers_that_are_too_large_is_parked_without_them()
    {
        await using var billing = await Billing(inFolder: true);
        var headers = Enumerable.Range(0, 40).ToDictionary(number => $"header{number}", _ => new string('x', 50_000));

        await Publish(Message("7", 1) with { Headers = headers });
        await Publish(Message("8", 3));

        await Eventually.Get(() => Bills(billing), static bills => bills is ["8 for 3"]);
        var letters = await Eventually.Get(
            () => ReadDeadLetters(billing), static letters => letters is [{ State: DeadLetterState.Parked }]);
        Assert.Contains("is too large to be kept", letters[0].Message, StringComparison.Ordinal);
        Assert.Equal(FailureClass.Permanent, letters[0].Class);
    }

    /// <summary>A missing disk says nothing about the message, so the message is delivered again.</summary>
    [Fact]
    public async Task A_message_whose_body_cannot_be_stored_is_not_acknowledged()
    {
        await using var billing = await Billing(inFolder: true);
        _folder.Delete();

        await Publish(Message("7", 1, new string('x', 2_000_000)));
        await Eventually.Until(() => billing.Transports.List().Single().State == TransportState.Unavailable);
        Assert.DoesNotContain(_log.Entries, static entry => entry.Id == HeldEventId);
        _folder.Create();

        await Eventually.Get(
            () => ReadDeadLetters(billing), static letters => letters is [{ State: DeadLetterState.Parked }]);
    }

    private static InMemoryStorage NewStorage() => new();

    private static async Task<List<string>> Bills(Node node) =>
        await node.Store.ReadLog(EventFilter.InStreams("bill-"))
            .Select(recorded => ((Paid)recorded.Data).Order)
            .ToListAsync();

    private static async Task<IReadOnlyList<DeadLetter>> ReadDeadLetters(Node node) =>
        [
            .. (await node.DeadLetters.List(new DeadLetterQuery { Consumer = "receive.billing" })).OrderBy(letter =>
                letter.Position),
        ];

    private static Message Message(string order, int total, string note = "") => new()
    {
        Id = $"{order}-{total}",
        Type = "order.placed",
        Source = "shop",
        Subject = $"order-{order}",
        Body = Encoding.UTF8.GetBytes($$"""{"order":"{{order}}","total":{{total}},"note":"{{note}}"}"""),
    };

    private ValueTask Bill(Placed placed, MessageContext context, CancellationToken cancellationToken)
    {
        if (placed.Total == 1 && !Volatile.Read(ref _isFixed))
            throw new InvalidOperationException("It is broken.");
        context.Effect.To(
            StreamId.For("bill", placed.Order), ExpectedVersion.Any, new Paid($"{placed.Order} for {placed.Total}"));
        return ValueTask.CompletedTask;
    }

    private async Task<Node> Billing(bool inFolder)
    {
        var node = await Node.Start(
            millrace =>
            {
                millrace.Services.AddSingleton<ILoggerFactory>(_log);
                millrace.UseInMemoryTransport(
                    transport => transport.Receive("billing", "orders", receiver => receiver.Handle<Placed>(Bill)),
                    _broker);
            },
            _storage,
            new Dictionary<string, string?>
            {
                ["Millrace:Messaging:Bodies:Folder"] = inFolder ? _folder.FullName : null,
            }
        );
        await Eventually.Until(() => node.Transports.List().Single().State == TransportState.Connected);
        return node;
    }

    private async Task Publish(params IReadOnlyList<Message> messages)
    {
        await using var transport = new InMemoryTransport(_broker);
        var outcomes = await transport.Publish(
            [.. messages.Select(static message => new OutgoingMessage("orders", message))],
            Cancel);
        Assert.All(outcomes, static outcome => Assert.True(outcome.IsConfirmed, outcome.Problem));
    }
}
