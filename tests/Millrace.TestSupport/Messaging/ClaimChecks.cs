using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.TestSupport.Messaging;

/// <summary>Checks messages with large bodies over any broker.</summary>
/// <param name="name">The name of the transport.</param>
/// <param name="connect">Connects an application to the broker.</param>
internal sealed class ClaimChecks(string name, Action<MillraceBuilder, Action<TransportBuilder>> connect)
{
    private const string Text = "A long text. "; // 3,000 repetitions exceed the limit of these tests.

    // Long, because other tests and builds share the processor.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);

    private readonly string _destination = $"claims-{Guid.NewGuid():N}";

    public async Task Run(string format = "Binary")
    {
        var (sharedFolder, otherFolder) = (
            Directory.CreateTempSubdirectory("millrace-"), Directory.CreateTempSubdirectory("millrace-"));
        try
        {
            await using var billing = await Receiver("billing", sharedFolder);
            await using var stranger = await Receiver("stranger", otherFolder);
            await Eventually.Until(
                () =>
                    new[] { billing, stranger }.All(node =>
                        node.Transports.List().Single().State == TransportState.Connected),
                WaitTimeout);
            await using var shop = await Node.Start(
                millrace => connect(millrace, transport => transport.Publish<Placed>(_destination)),
                settings: SettingsOf(sharedFolder, format));
            var large = string.Concat(Enumerable.Repeat(Text, 3_000));
            await shop.Store.Append(Shop.StreamOf("large"), ExpectedVersion.Any, [new Placed(large, 1)]);
            await shop.Store.Append(Shop.StreamOf("small"), ExpectedVersion.Any, [new Placed("small", 2)]);

            // A receiver with the folder gets the body. A receiver without it gets a message without its body.
            await Eventually.Get(
                () => Orders(billing), orders => orders.Order().SequenceEqual([large, "small"]), WaitTimeout);
            await Eventually.Get(() => Orders(stranger), static orders => orders is ["small"], WaitTimeout);
            var body = Assert.Single(sharedFolder.GetFiles("*", SearchOption.AllDirectories));
            Assert.Contains(large, await File.ReadAllTextAsync(body.FullName), StringComparison.Ordinal);
            Assert.Equal(0, await billing.DeadLetters.Count(new DeadLetterQuery()));
            var letter = await WaitForParked(stranger, "it is not in the folder");

            // A changed body is refused, and the original body is handled.
            var copy = Path.Combine(otherFolder.CreateSubdirectory(body.Directory!.Name).FullName, body.Name);
            await File.WriteAllTextAsync(copy, large);
            await stranger.DeadLetters.Retry(letter.Id, new DeadLetterNote("ada", "copied"));
            letter = await WaitForParked(stranger, "is not what was sent");
            body.CopyTo(copy, overwrite: true);
            await stranger.DeadLetters.Retry(letter.Id, new DeadLetterNote("ada", "copied again"));
            await Eventually.Get(() => Orders(stranger), orders => orders.SequenceEqual(["small", large]), WaitTimeout);
        }
        finally
        {
            sharedFolder.Delete(recursive: true);
            otherFolder.Delete(recursive: true);
        }
    }

    private static async Task<DeadLetter> WaitForParked(Node node, string problem)
    {
        var letters = await Eventually.Get(
            async () => await node.DeadLetters.List(new DeadLetterQuery()),
            letters => letters is [{ State: DeadLetterState.Parked } letter]
                && letter.Message!.Contains(problem, StringComparison.Ordinal),
            WaitTimeout);
        Assert.EndsWith(nameof(MessageBodyException), letters[0].ErrorType, StringComparison.Ordinal);
        Assert.Equal(FailureClass.Permanent, letters[0].Class);
        return letters[0];
    }

    private static async Task<List<string>> Orders(Node node) =>
        await node.Store.ReadLog(EventFilter.InStreams("bill-"))
            .Select(recorded => ((Paid)recorded.Data).Order)
            .ToListAsync();

    private static ValueTask Bill(Placed placed, MessageContext context, CancellationToken cancellationToken)
    {
        context.Effect.To(StreamId.For("bill", $"{placed.Total}"), ExpectedVersion.Any, new Paid(placed.Order));
        return ValueTask.CompletedTask;
    }

    private Task<Node> Receiver(string receiver, DirectoryInfo folder) => Node.Start(
        millrace => connect(millrace, transport => transport.Receive(
            $"{receiver}-{_destination}", _destination, builder => builder.Handle<Placed>(Bill))),
        settings: SettingsOf(folder));

    private Dictionary<string, string?> SettingsOf(DirectoryInfo folder, string format = "Binary") => new()
    {
        ["Millrace:Messaging:Bodies:Folder"] = folder.FullName,
        [$"Millrace:Messaging:{name}:ClaimCheckAbove"] = "10000",
        [$"Millrace:Messaging:{name}:Format"] = format,
    };
}
