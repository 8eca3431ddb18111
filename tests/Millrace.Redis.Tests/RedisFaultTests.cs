using System.Net;
using System.Net.Sockets;
using Millrace.Redis.Client;
using Millrace.Redis.Streams;

namespace Millrace.Redis.Tests;

/// <summary>Tests connections that break between two steps, and addresses with an unavailable host.</summary>
public sealed class RedisFaultTests(RedisServerFixture own) : IClassFixture<RedisServerFixture>
{
    private static readonly CancellationToken Cancel = CancellationToken.None;

    [RedisFact]
    public async Task A_broken_connection_does_not_affect_the_outcomes_of_other_connections()
    {
        var options = new RedisOptions { Address = own.Server.Address };
        await using var publisher = new StreamPublisher(
            new RedisConnector(options, TimeProvider.System), options, TimeProvider.System);
        var messages = Enumerable.Range(1, 100).Select(Outgoing).ToList();
        Assert.All(await publisher.Publish(messages, Cancel), outcome => Assert.True(outcome.IsConfirmed));
        var first = await publisher.First.Get(Cancel);

        await first.Database.Multiplexer.DisposeAsync(); // The users of the connection are not notified.
        Assert.Null(first.Failure);
        var outcomes = await publisher.Publish(messages, Cancel);

        Assert.Contains(outcomes, outcome => outcome.Result == PublishResult.Unconfirmed);
        Assert.Contains(outcomes, outcome => outcome.IsConfirmed);
        Assert.All(await publisher.Publish(messages, Cancel), outcome => Assert.True(outcome.IsConfirmed));
    }

    [RedisFact]
    public async Task A_host_that_does_not_answer_is_skipped_on_each_connect()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var options = new RedisOptions
        {
            Address = $"redis://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port},127.0.0.1:{own.Server.Port}",
            AnswerTimeout = TimeSpan.FromSeconds(6),
        };
        var connector = new RedisConnector(options, TimeProvider.System);

        for (var attempt = 0; attempt < 3; attempt++)
        {
            await using var connection = await connector.Connect(Cancel);
            Assert.Equal(own.Server.Port, ((DnsEndPoint)connection.Servers.Single().EndPoint).Port);
        }
    }

    private static OutgoingMessage Outgoing(int number) =>
        new(
            "faults",
            new Message
            {
                Id = $"{number}",
                Type = "order.placed",
                Subject = $"order-{number}",
                Body = "{}"u8.ToArray(),
            }
        );
}
