using Millrace.Testing;

namespace Millrace.Redis.Tests;

/// <summary>
/// A server that is made the replica of another and goes on answering, while its address leads to the other from then on: as a name or an
/// address that moves with the server that takes writes.
/// </summary>
public sealed class FailOverTests
{
    private static readonly CancellationToken Cancel = CancellationToken.None;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1); // Other tests and builds share the processor.

    [RedisFact]
    public async Task Messages_go_to_the_server_that_takes_over_though_the_one_before_keeps_its_connections()
    {
        await using var first = await RedisServer.Start();
        await using var second = await RedisServer.Start();
        await using var line = new NetworkLine(first.Port);
        await using var transport = new RedisTransport(Options(line), TimeProvider.System);
        Assert.True((await Publish(transport, "1")).IsConfirmed);

        await FailOver(first, second, line);

        await Eventually.Is(() => Publish(transport, "2"), static outcome => outcome.IsConfirmed, Patience);
        Assert.Equal(":1", await second.Ask("XLEN orders"));
    }

    [RedisFact]
    public async Task Locks_are_taken_at_the_server_that_takes_over()
    {
        await using var first = await RedisServer.Start();
        await using var second = await RedisServer.Start();
        await using var line = new NetworkLine(first.Port);
        await using var locks = new RedisLocks(Options(line), TimeProvider.System);
        Assert.True(await IsTaken(locks, "stock"));

        await FailOver(first, second, line);

        await Eventually.Is(() => IsTaken(locks, "orders"), static taken => taken, Patience);
    }

    private static RedisOptions Options(NetworkLine line) => new() { Address = $"redis://127.0.0.1:{line.Port}" };

    private static async Task FailOver(RedisServer first, RedisServer second, NetworkLine line)
    {
        line.LeadTo(second.Port);
        Assert.Equal("+OK", await first.Ask($"REPLICAOF 127.0.0.1 {second.Port}"));
    }

    private static async Task<PublishOutcome> Publish(RedisTransport transport, string id)
    {
        var message = new Message { Id = id, Type = "order.placed", Subject = "order-1", Body = "{}"u8.ToArray() };
        return (await transport.Publish([new OutgoingMessage("orders", message)], Cancel)).Single();
    }

    private static async Task<bool> IsTaken(RedisLocks locks, string name)
    {
        try
        {
            return (await locks.TryTake(name, "ada", TimeSpan.FromMinutes(1), Cancel)).IsTaken;
        }
        catch (TransportUnavailableException)
        {
            return false; // As a replica says it.
        }
    }
}
