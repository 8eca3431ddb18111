using System.Net;
using System.Net.Sockets;
using Millrace.Redis.Client;
using Millrace.Redis.Streams;

namespace Millrace.Redis.Tests;

/// <summary>Connections to a server that break between two steps, and addresses with a host that is off.</summary>
public sealed class RedisFaultTests(OwnServer own) : IClassFixture<OwnServer>
{
    private static readonly CancellationToken Cancel = CancellationToken.None;

    [RedisFact]
    public async Task A_connection_that_breaks_before_a_batch_is_sent_leaves_the_outcomes_of_the_others()
    {
        var options = new RedisOptions { Address = own.Server.Address };
        await using var publisher = new StreamPublisher(
            new RedisConnector(options, TimeProvider.System), options, TimeProvider.System);
        var messages = Enumerable.Range(1, 100).Select(Outgoing).ToList();
        Assert.All(await publisher.Publish(messages, Cancel), outcome => Assert.True(outcome.IsConfirmed));
        var first = await publisher.First.Get(Cancel);

        await first.Database.Multiplexer.DisposeAsync(); // Without a word to those who have it.
        Assert.Null(first.Failure);
        var outcomes = await publisher.Publish(messages, Cancel);

        Assert.Contains(outcomes, outcome => outcome.Result == PublishResult.Unconfirmed);
        Assert.Contains(outcomes, outcome => outcome.IsConfirmed);
        Assert.All(await publisher.Publish(messages, Cancel), outcome => Assert.True(outcome.IsConfirmed));
    }

    [RedisFact]
    public async Task One_of_several_hosts_that_does_not_answer_is_passed_over_each_time()
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
