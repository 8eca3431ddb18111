using Millrace.Testing;

namespace Millrace.Redis.Tests;

/// <summary>Tests messages that wait in the retry queue of a receiver that no longer uses retries in Redis.</summary>
public sealed class LeftoverRetriesTests
{
    // Long, because other tests and builds share the processor.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LongDelay = TimeSpan.FromHours(1);
    private static readonly Subscription Plain = new("billing", "orders");
    private static readonly Subscription WithRetries = Plain with { Retries = new RetryLimits(1_000, 10_000) };

    [RedisFact]
    public async Task A_node_without_retries_handles_waiting_messages_first_and_stores_those_that_fail()
    {
        await using var server = await RedisServer.Start();
        await using (await new BillingService { Check = static _ => throw new InvalidOperationException("Not here.") }
            .Start(server.Address, policy => policy.Retry(5, LongDelay, LongDelay)))
        {
            await BillingService.Publish(server, ("7", 1), ("7", 2), ("8", 1));
            await Eventually.Get(
                () => BillingService.CountWaiting(server), static waiting => waiting == 3, WaitTimeout);
        }
        await BillingService.Publish(server, ("7", 3), ("7", 4));

        var failures = 1;
        await using var plain = await new BillingService
        {
            RetriesAtBroker = false,
            Check = placed =>
            {
                if (placed is { Order: "7", Total: 1 } && Interlocked.Decrement(ref failures) >= 0)
                    throw new InvalidOperationException("Not yet.");
            },
        }.Start(server.Address, policy => policy.Retry(5, TimeSpan.FromMilliseconds(10)));
        await BillingService.WaitUntilDrained(server, WaitTimeout);
        var bills = await Eventually.Get(plain.Bills, static bills => bills.Count >= 5, WaitTimeout);

        Assert.Equal(["7 for 1", "7 for 2", "7 for 3", "7 for 4"], bills.Where(static bill => bill.StartsWith('7')));
        Assert.Single(bills, "8 for 1");
        Assert.Null(plain.Retries!.Stall);
    }

    [RedisFact]
    public async Task A_standby_receiver_notices_leftover_retries_when_it_becomes_active()
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        await using var server = await RedisServer.Start();
        await using var first = await Transport(server, isShared: false, limit.Token);
        await using var second = await Transport(server, isShared: false, limit.Token);
        await BillingService.Publish(server, ("7", 1), ("7", 2), ("7", 3));
        var retrying = (IRetryingReceiver)await first.Receive(WithRetries, limit.Token);
        var deliveries = await Take(retrying, 2, limit.Token);
        await using (var plain = await second.Receive(Plain, limit.Token))
        {
            await retrying.Postpone(deliveries[0], LongDelay, "It failed.", limit.Token);
            await retrying.Enqueue(deliveries[1], limit.Token);
            await retrying.DisposeAsync();

            var failure = await Assert.ThrowsAsync<TransportUnavailableException>(() =>
                plain.Take(10, limit.Token).AsTask());
            Assert.Contains("in the queue of retries of 'billing'", failure.Message, StringComparison.Ordinal);
        }

        await using var next = (IRetryingReceiver)await second.Receive(Plain, limit.Token);
        Assert.Null(next.StallReason); // A standby is not stalled, because it is not active yet.
        var leftovers = await Take(next, 2, limit.Token);
        Assert.Contains("'billing'", next.StallReason, StringComparison.Ordinal);
        Assert.Equal(["7-1", "7-2"], leftovers.Select(static delivery => delivery.Message.Id));
        await next.Acknowledge([leftovers[0]], limit.Token);
        using (var brief = new CancellationTokenSource(TimeSpan.FromSeconds(3)))
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.Take(1, brief.Token).AsTask());
        await next.Acknowledge([leftovers[1]], limit.Token);

        Assert.Equal("7-3", (await Take(next, 1, limit.Token))[0].Message.Id);
        Assert.Null(next.StallReason);
    }

    [RedisFact]
    public async Task Active_receivers_of_a_shared_group_notice_leftover_retries()
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        await using var server = await RedisServer.Start();
        await using var transport = await Transport(server, isShared: true, limit.Token);
        await BillingService.Publish(server, ("7", 1));
        var retrying = (IRetryingReceiver)await transport.Receive(WithRetries, limit.Token);
        var failed = (await Take(retrying, 1, limit.Token))[0];
        await using (var plain = await transport.Receive(Plain, limit.Token))
        {
            var taking = plain.Take(1, limit.Token).AsTask();
            await retrying.Postpone(failed, LongDelay, "It failed.", limit.Token);
            await retrying.DisposeAsync();

            await Assert.ThrowsAsync<TransportUnavailableException>(() => taking);
        }

        await using var next = await transport.Receive(Plain, limit.Token);
        Assert.Equal(
            ("7-1", 1), await Take(next, 1, limit.Token) is [var only] ? (only.Message.Id, only.Attempts) : default);
    }

    [RedisFact]
    public async Task The_end_of_leftover_retries_is_reported_without_waiting_for_new_messages()
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        await using var server = await RedisServer.Start();
        await using var transport = await Transport(server, isShared: true, limit.Token);
        await BillingService.Publish(server, ("7", 1));
        await using (var retrying = (IRetryingReceiver)await transport.Receive(WithRetries, limit.Token))
            await retrying.Postpone((await Take(retrying, 1, limit.Token))[0], LongDelay, "It failed.", limit.Token);
        await using var next = (IRetryingReceiver)await transport.Receive(Plain, limit.Token);
        var leftovers = await Take(next, 1, limit.Token);
        Assert.NotNull(next.StallReason);

        await next.Acknowledge(leftovers, limit.Token);

        Assert.Empty(await next.Take(1, limit.Token));
        Assert.Null(next.StallReason);
    }

    private static async Task<RedisTransport> Transport(
        RedisServer server, bool isShared, CancellationToken cancellationToken)
    {
        var options = new RedisOptions
        {
            Address = server.Address,
            SharesSubscriptions = isShared,
            TakeOverAfter = TimeSpan.FromSeconds(2),
        };
        var transport = new RedisTransport(options, TimeProvider.System);
        await transport.Declare(new TransportTopology(["orders"], [Plain]), cancellationToken);
        return transport;
    }

    private static async Task<List<Delivery>> Take(IReceiver receiver, int count, CancellationToken cancellationToken)
    {
        var deliveries = new List<Delivery>();
        while (deliveries.Count < count)
            deliveries.AddRange(await receiver.Take(count - deliveries.Count, cancellationToken));
        return deliveries;
    }
}
