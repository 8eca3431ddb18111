using Millrace.Testing;

namespace Millrace.Redis.Tests;

/// <summary>Tests streams to which other programs add entries.</summary>
public sealed class OtherProducerTests(RedisServerFixture own) : IClassFixture<RedisServerFixture>
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(1);

    private readonly string _name = $"orders-{Guid.NewGuid():N}";

    [RedisFact]
    public async Task A_receiver_with_the_rule_Skip_skips_unreadable_entries()
    {
        var handled = 0;
        await using var node = await Node.Start(millrace =>
            millrace.UseRedis(
                own.Server.Address,
                redis =>
                    redis.Receive(
                        "billing",
                        _name,
                        receiver =>
                            receiver
                                .OnUnreadable(UnreadableMessages.Skip)
                                .Handle<Placed>(
                                    (_, _, _) =>
                                    {
                                        Interlocked.Increment(ref handled);
                                        return ValueTask.CompletedTask;
                                    }
                                )
                    )
            )
        );
        await Eventually.Until(() => node.Transports.List().Single().State == TransportState.Connected, WaitTimeout);

        await own.Server.Ask($"XADD {_name} * colour red");
        await own.Server.Ask($"XADD {_name} * ce_id 1 ce_type order.placed ce_subject 7"); // Without a body.
        await own.Server.Ask($"XADD {_name} * ce_id 2 ce_type order.placed ce_subject 7 data hello");
        await own.Server.Ask($"XADD {_name} * ce_id 3 ce_type order.placed ce_subject 7 data {{}}");

        await Eventually.Until(() => Volatile.Read(ref handled) == 1, WaitTimeout);
        await Eventually.Until(() => node.Transports.List().Single().Receivers.Single().Skipped == 3, WaitTimeout);
        Assert.Equal(0, await node.DeadLetters.Count(new Storage.DeadLetterQuery()));
    }
}
