using Millrace.Testing;

namespace Millrace.Messaging.Tests;

public sealed class TransportSelectionTests
{
    private readonly InMemoryBroker _broker = new();

    [Fact]
    public Task The_configuration_selects_the_broker() =>
        new TransportSelectionChecks("memory", static _ => { }, new Dictionary<string, string?>()).Run();

    [Fact]
    public async Task Without_a_name_the_default_is_used_or_the_known_transports_are_listed()
    {
        await using (var node = await Start(null, choices => choices.Add("other", Create).UseByDefault("other")))
            Assert.Equal("other", node.Transports.List().Single().Name);

        var refused = await Assert.ThrowsAsync<UnknownTransportException>(() =>
            Start(null, choices => choices.Add("other", Create)));

        Assert.Null(refused.Name);
        Assert.Equal(["memory", "other"], refused.Known);
        Assert.StartsWith("Millrace:Messaging:Transport does not select", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_in_two_places_use_the_same_broker()
    {
        var settings = new Dictionary<string, string?>
        {
            ["Millrace:Messaging:Transport"] = "other",
            ["Millrace:Messaging:other:Source"] = "from-configuration",
        };
        await using var node = await Node.Start(
            millrace =>
                millrace
                    .UseTransport(
                        choices => choices.Add("other", Create),
                        transport =>
                            transport.Publish<Placed>("orders").Configure(options => options.AllowsUnroutable = true))
                    .UseTransport(
                        _ => { },
                        transport => transport.Receive("audit", "orders", receiver => receiver.Handle<Placed>(Note))),
            settings: settings);
        await Eventually.Until(() => node.Transports.List().Single().State == TransportState.Connected);

        await node.Store.Place("7");

        var noted = await Eventually.Get(
            async () => await node.Store.ReadLog(EventFilter.InStreams("audit-")).ToListAsync(),
            static noted => noted.Count == 1);
        Assert.Equal(new Paid("from-configuration"), noted[0].Data);
    }

    [Fact]
    public async Task A_broker_that_the_application_already_uses_cannot_be_selected()
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => Node.Start(
            millrace => millrace
                .UseInMemoryTransport(transport => transport.PublishAll("audit"))
                .UseTransport(_ => { }, transport => transport.PublishAll("orders")),
            settings: new Dictionary<string, string?> { ["Millrace:Messaging:Transport"] = "memory" }));

        Assert.Contains("'memory', which the application already uses", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public Task A_name_that_is_not_allowed_is_refused() =>
        Assert.ThrowsAsync<InvalidNameException>(() => Start(null, choices => choices.Add("Rabbit MQ", Create)));

    private static ValueTask Note(Placed placed, MessageContext context, CancellationToken cancellationToken)
    {
        context.Effect.To(StreamId.For("audit", placed.Order), ExpectedVersion.Any, new Paid(context.Message.Source));
        return ValueTask.CompletedTask;
    }

    private static Task<Node> Start(string? name, Action<TransportAlternatives> choices) => Node.Start(
        millrace => millrace.UseTransport(choices, transport => transport.PublishAll("orders")),
        settings: new Dictionary<string, string?> { ["Millrace:Messaging:Transport"] = name });

    private InMemoryTransport Create(IServiceProvider provider) => new(_broker);
}
