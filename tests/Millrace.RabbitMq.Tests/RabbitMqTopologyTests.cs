using Millrace.Storage;
using Millrace.Testing;
using RabbitMQ.Client;

namespace Millrace.RabbitMq.Tests;

/// <summary>Tests exchanges that other applications create or remove.</summary>
public sealed class RabbitMqTopologyTests
{
    private static readonly CancellationToken Cancel = CancellationToken.None;

    private readonly string _destination = $"stock-{Guid.NewGuid():N}";

    [RabbitMqFact]
    public async Task A_client_without_permission_to_declare_a_request_destination_can_still_send_requests()
    {
        var server = await RabbitMqServer.Shared;
        await server.Control("add_user", _destination, "secret");
        await server.Control("set_permissions", _destination, $"^(?!{_destination})", ".*", ".*");
        await using var warehouse = await Node.Start(millrace =>
            millrace
                .AddModel(new Stock().Register)
                .UseRabbitMq(
                    server.Uri,
                    rabbit => rabbit.Receive(_destination, _destination, receiver => receiver.Answer<ReserveStock>())));
        await Eventually.Until(() => warehouse.Transports.List().Single().State == TransportState.Connected);

        await using var shop = await Node.Start(millrace =>
            millrace
                .AddModel(model => model.Json(StockJson.Default))
                .UseRabbitMq(
                    $"amqp://{_destination}:secret@127.0.0.1:{server.Port}",
                    rabbit =>
                        rabbit
                            .Request<StockOf>($"{_destination}-missing")
                            .Request<ReserveStock>(_destination)
                            .PublishAll($"orders-{_destination}")
                            .Configure(static options => options.AllowsUnroutable = true)));

        var reserved = await shop.Requests.Send(new ReserveStock("1", 1), cancellationToken: Cancel);
        Assert.Equal(Stock.InitialStock - 1, reserved.Left);
        await shop.Store.Place("7");
        await shop.WaitUntilFinished("publish.rabbitmq");
        Assert.Equal(TransportState.Connected, shop.Transports.List().Single().State);
    }

    [RabbitMqTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_exchange_that_was_removed_before_the_first_event_is_declared_again(
        bool allowsUnroutable)
    {
        var server = await RabbitMqServer.Shared;
        var received = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var node = await Node.Start(millrace => millrace.UseRabbitMq(server.Uri, rabbit => rabbit
            .Publish<Placed>(_destination)
            .Receive(_destination, _destination, receiver => receiver.Handle<Placed>((placed, _, _) =>
            {
                received.TrySetResult(placed.Order);
                return ValueTask.CompletedTask;
            }))
            .Configure(options => options.AllowsUnroutable = allowsUnroutable)));
        await Eventually.Until(() => node.Transports.List().Single().State == TransportState.Connected);
        await using var connection = await new ConnectionFactory { Uri = new Uri(server.Uri) }.CreateConnectionAsync(
            Cancel);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
        await channel.ExchangeDeleteAsync(_destination, cancellationToken: Cancel);

        await node.Store.Place("7");

        Assert.Equal("7", await received.Task.WaitAsync(TimeSpan.FromSeconds(60), Cancel));
        await node.WaitUntilFinished("publish.rabbitmq");
        Assert.Equal(0, await node.DeadLetters.Count(new DeadLetterQuery(), Cancel));
    }
}
