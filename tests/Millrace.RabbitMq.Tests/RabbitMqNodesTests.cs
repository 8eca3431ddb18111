using System.Net.Security;
using Millrace.Testing;

namespace Millrace.RabbitMq.Tests;

/// <summary>Tests clusters with unavailable nodes.</summary>
public sealed class RabbitMqNodesTests
{
    private const string Section = "Millrace:Messaging:rabbitmq:";

    private static readonly CancellationToken Cancel = CancellationToken.None;

    private readonly string _destination = $"orders-{Guid.NewGuid():N}";

    [RabbitMqFact]
    public async Task A_transport_connects_to_the_second_node_if_the_first_is_unavailable()
    {
        var server = await RabbitMqServer.Shared;
        await using var orders = await Subscribe();
        await using var node = await Node.Start(millrace =>
            millrace.UseRabbitMq(
                options => (options.Uri, options.Nodes) = (UnusedAddress, $"127.0.0.1:{server.Port}"),
                rabbit => rabbit.PublishAll(_destination)));

        await node.Store.Place("7");

        Assert.Equal("order.placed", (await orders.Take(1)).Single().Type);
        await Eventually.Until(() => node.Transports.List().Single().State == TransportState.Connected);
    }

    [RabbitMqFact]
    public async Task A_transport_connects_to_the_other_node_when_the_current_node_fails()
    {
        await using var first = new TcpProxy((await RabbitMqServer.Shared).Port);
        await using var second = new TcpProxy((await RabbitMqServer.Shared).Port);
        await using var transport = Transport($"amqp://127.0.0.1:{first.Port}", $"127.0.0.1:{second.Port}");
        await transport.Check(Cancel);

        foreach (var proxy in new[] { first, second, first })
        {
            proxy.Cut();
            await Eventually.Get(() => Answers(transport), static answers => answers, TimeSpan.FromMinutes(2));
            proxy.Restore();
        }
    }

    [RabbitMqFact]
    public async Task A_silent_node_is_skipped()
    {
        var server = await RabbitMqServer.Shared;
        await using var silent = new TcpProxy(server.Port);
        silent.Silence();
        await using var transport = Transport(
            $"amqp://127.0.0.1:{silent.Port}", $"127.0.0.1:{server.Port}", TimeSpan.FromSeconds(2));

        await Eventually.Get(() => Answers(transport), static answers => answers, TimeSpan.FromMinutes(2));
    }

    [RabbitMqFact]
    public async Task Nodes_can_come_from_the_configuration()
    {
        var server = await RabbitMqServer.Shared;
        await using var node = await Node.Start(
            millrace => millrace.UseRabbitMq("amqp://nowhere.invalid", rabbit => rabbit.PublishAll(_destination)),
            settings: new Dictionary<string, string?>
            {
                [Section + "Uri"] = UnusedAddress,
                [Section + "Nodes"] = $"127.0.0.1:{server.Port}",
            }
        );

        await Eventually.Until(
            () => node.Transports.List().Single().State == TransportState.Connected, TimeSpan.FromMinutes(2));
    }

    [RabbitMqFact]
    public async Task An_address_from_the_configuration_replaces_the_nodes_of_the_code()
    {
        var server = await RabbitMqServer.Shared;
        await using var node = await Node.Start(
            millrace => millrace.UseRabbitMq(
                options => options.Nodes = $"127.0.0.1:{server.Port}", rabbit => rabbit.PublishAll(_destination)),
            settings: new Dictionary<string, string?> { [Section + "Address"] = UnusedAddress });

        await Eventually.Until(
            () => node.Transports.List().Single().State == TransportState.Unavailable, TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task With_all_nodes_unavailable_each_is_reported()
    {
        var (first, second) = (FreePorts.Take(), FreePorts.Take());
        await using var transport = Transport($"amqp://127.0.0.1:{first}", $"127.0.0.1:{second}");

        var failure = await Assert.ThrowsAsync<TransportUnavailableException>(() => transport.Check(Cancel).AsTask());

        Assert.Contains("none of 2 nodes", failure.Message, StringComparison.Ordinal);
        Assert.All(
            [first, second],
            port => Assert.Contains($"127.0.0.1:{port}", failure.Message, StringComparison.Ordinal));
    }

    [RabbitMqFact]
    public async Task A_refusing_node_is_reported_as_a_refusal_although_another_is_unavailable()
    {
        var port = (await RabbitMqServer.Shared).Port;
        await using var transport = Transport($"amqp://guest:secret@127.0.0.1:{port}", $"127.0.0.1:{FreePorts.Take()}");

        var refused = await Assert.ThrowsAsync<TransportRefusedException>(() => transport.Check(Cancel).AsTask());

        Assert.DoesNotContain("secret", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_node_has_the_user_and_virtual_host_of_the_address_and_its_own_certificate_name()
    {
        var options = new RabbitMqOptions
        {
            Uri = "amqps://shop:p%2Cw@a.example:5690/one%2Ftwo",
            Nodes = "b.example, a.example:5690, [::1]:5700",
        };
        await using var connection = new RabbitMqConnection(options, "test");

        Assert.Equal(["a.example", "b.example", "::1"], connection.Nodes.Select(node => node.Ssl.ServerName));
        Assert.Equal([5690, 5690, 5700], connection.Nodes.Select(node => node.Endpoint.Port));
        Assert.All(
            connection.Nodes,
            node =>
            {
                Assert.Equal(("shop", "p,w", "one/two"), (node.UserName, node.Password, node.VirtualHost));
                Assert.Equal(
                    (true, SslPolicyErrors.None),
                    (node.Endpoint.Ssl.Enabled, node.Endpoint.Ssl.AcceptablePolicyErrors));
                Assert.Equal(node.Ssl.ServerName, node.Endpoint.Ssl.ServerName);
            }
        );
    }

    [Theory]
    [InlineData("b:5672,,c", "number 2")]
    [InlineData("b:port", "number 1")]
    [InlineData("b,amqp://user:secret@c", "number 2")]
    [InlineData("user:secret@c", "number 1")]
    [InlineData("b/shop", "number 1")]
    [InlineData("a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a", "at most 20, but are 21")]
    public void Invalid_nodes_are_refused(string nodes, string expected)
    {
        var refused = Assert.Throws<ArgumentException>(() =>
            new RabbitMqTransport(new RabbitMqOptions { Nodes = nodes }));

        Assert.Contains("Nodes: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refused.Message, StringComparison.Ordinal);
    }

    private static string UnusedAddress => $"amqp://127.0.0.1:{FreePorts.Take()}";

    private static RabbitMqTransport Transport(string uri, string nodes, TimeSpan? connectTimeout = null) =>
        new(
            new RabbitMqOptions
            {
                Uri = uri,
                Nodes = nodes,
                ConnectTimeout = connectTimeout ?? TimeSpan.FromSeconds(20),
            }
        );

    private static async Task<bool> Answers(RabbitMqTransport transport)
    {
        try
        {
            await transport.Check(Cancel);
            return true;
        }
        catch (TransportUnavailableException)
        {
            return false; // The transport has not noticed the failure yet, or the machine is slow.
        }
    }

    private async Task<Listener> Subscribe()
    {
        var transport = new RabbitMqTransport(new RabbitMqOptions { Uri = (await RabbitMqServer.Shared).Uri });
        var subscription = new Subscription($"test-{_destination}", _destination);
        await transport.Declare(new TransportTopology([_destination], [subscription]), Cancel);
        return new Listener(await transport.Receive(subscription, Cancel));
    }
}
