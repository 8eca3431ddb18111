using Millrace.Testing;

namespace Millrace.TestSupport.Messaging;

/// <summary>
/// Checks that an application uses the broker of its configuration, and otherwise lists the known brokers.
/// </summary>
/// <param name="name">The name of the transport.</param>
/// <param name="choices">Adds the transports that can be selected.</param>
/// <param name="settings">The settings with the address of the broker.</param>
internal sealed class TransportSelectionChecks(
    string name, Action<TransportAlternatives> choices, IReadOnlyDictionary<string, string?> settings)
{
    // Long, because other tests and builds share the processor.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);

    private readonly string _destination = $"choice-{Guid.NewGuid():N}";

    public async Task Run()
    {
        await using var node = await Start(name);
        Assert.Equal((name, name), (node.Transports.List().Single().Name, node.Transports.List().Single().System));
        await Eventually.Until(() => node.Transports.List().Single().State == TransportState.Connected, WaitTimeout);

        await node.Store.Place("7", 40);

        await Eventually.Get(
            async () => await node.Store.ReadLog(EventFilter.InStreams("bill-")).ToListAsync(),
            static bills => bills.Count == 1,
            WaitTimeout);
        await Eventually.Get(node.Consumers, $"publish.{name}", static status => status.LagEvents == 0, WaitTimeout);
        var refused = await Assert.ThrowsAsync<UnknownTransportException>(() => Start("rabitmq"));
        Assert.Equal("rabitmq", refused.Name);
        Assert.Contains(name, refused.Known);
        Assert.Contains(string.Join(", ", refused.Known), refused.Message, StringComparison.Ordinal);
    }

    /// <summary>
    /// Checks that the application does not start if the general and the specific setting have different addresses.
    /// </summary>
    public async Task RefuseTwoAddresses(string specificSetting)
    {
        var refused = await Assert.ThrowsAsync<MillraceConfigurationException>(Run);

        Assert.Contains(
            $"Millrace:Messaging:{name}:Address: contains another address than {specificSetting}.",
            refused.Message,
            StringComparison.Ordinal);
    }

    private Task<Node> Start(string selected) => Node.Start(
        millrace => millrace.UseTransport(
            choices,
            transport => transport.Publish<Placed>(_destination).Receive(
                $"billing-{_destination}", _destination, receiver => receiver.Handle<Placed>(Bill))),
        settings: new Dictionary<string, string?>(settings) { ["Millrace:Messaging:Transport"] = selected });

    private static ValueTask Bill(Placed placed, MessageContext context, CancellationToken cancellationToken)
    {
        context.Effect.To(StreamId.For("bill", placed.Order), ExpectedVersion.Any, new Paid(placed.Order));
        return ValueTask.CompletedTask;
    }
}
