using System.Collections.Concurrent;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Redis.Tests;

/// <summary>Tests a receiver whose retries wait in Redis, on a real server.</summary>
public sealed class BrokerRetryTests
{
    // Long, because other tests and builds share the processor.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(10);

    [RedisFact]
    public async Task A_message_that_fails_is_retried_after_its_delay_and_handled_once()
    {
        await using var server = await RedisServer.Start();
        var failures = 2;
        await using var billing = await new BillingService
        {
            Check = _ => Require(Interlocked.Decrement(ref failures) < 0),
        }.Start(
            server.Address,
            policy => policy.Retry(5, TimeSpan.FromMilliseconds(500), maxDelay: TimeSpan.FromSeconds(5)));

        await BillingService.Publish(server, ("7", 1));
        await Eventually.Get(billing.Bills, static bills => bills.Count > 0, WaitTimeout);
        await BillingService.WaitUntilDrained(server, WaitTimeout);

        var attempts = billing.Attempts;
        Assert.Equal(3, attempts.Count);
        Assert.True(
            attempts[1].At - attempts[0].At >= TimeSpan.FromMilliseconds(380),
            "The first delay is 500 ms, with a jitter of a fifth.");
        Assert.True(
            attempts[2].At - attempts[1].At >= TimeSpan.FromMilliseconds(780), "The second delay is twice as long.");
        Assert.Equal(["7 for 1"], await billing.Bills());
        Assert.Empty(await billing.Node.Store.ReadLog(EventFilter.OfTypes("messages.held")).ToListAsync());
    }

    [RedisFact]
    public async Task Later_messages_of_its_key_wait_in_order_and_other_messages_continue()
    {
        await using var server = await RedisServer.Start();
        var isOpen = false;
        await using var billing = await new BillingService
        {
            Check = placed => Require(placed.Order != "7" || placed.Total > 1 || isOpen),
        }.Start(server.Address, policy => policy.Retry(100, Soon, maxDelay: TimeSpan.FromMilliseconds(100)));

        await BillingService.Publish(server, Orders("7", 1, 3));
        await Eventually.Get(() => BillingService.CountWaiting(server), static waiting => waiting == 3, WaitTimeout);
        // The last two messages are delivered again.
        await BillingService.Publish(server, [("7", 4), ("8", 1), ("7", 5), ("7", 5), ("7", 2)]);

        await Eventually.Get(billing.Bills, static bills => bills.Count > 0, WaitTimeout);
        await Eventually.Get(() => BillingService.CountWaiting(server), static waiting => waiting == 7, WaitTimeout);
        Assert.Equal(7, (await Eventually.Get(
            () => Task.FromResult(billing.Retries), static retries => retries?.Waiting == 7, WaitTimeout))!.Waiting);
        Assert.Equal(["8 for 1"], await billing.Bills());

        Volatile.Write(ref isOpen, true);
        await BillingService.WaitUntilDrained(server, WaitTimeout);

        Assert.Equal(["8 for 1", .. Bills("7", 1, 5)], await billing.Bills());
    }

    /// <summary>
    /// If the retries were kept in the store of the first node, they would wait until that node returns.
    /// </summary>
    [RedisFact]
    public async Task Retries_of_a_stopped_node_are_handled_by_a_node_with_another_store()
    {
        await using var server = await RedisServer.Start();
        await using var proxy = new TcpProxy(server.Port);
        await using var first = await new BillingService
        {
            Check = static _ => throw new InvalidOperationException("Not here."),
        }.Start(
            $"redis://127.0.0.1:{proxy.Port}",
            policy => policy.Retry(5, TimeSpan.FromSeconds(1)),
            redis: UseShortTakeover);
        await BillingService.Publish(server, Orders("7", 1, 3));
        await Eventually.Get(() => BillingService.CountWaiting(server), static waiting => waiting == 3, WaitTimeout);

        proxy.Cut();
        await using var second = await new BillingService().Start(
            server.Address, policy => policy, redis: UseShortTakeover);
        await BillingService.WaitUntilDrained(server, WaitTimeout);

        Assert.Equal(Bills("7", 1, 3), await second.Bills());
        Assert.Empty(await first.Bills());
    }

    [RedisFact]
    public async Task A_retry_of_a_stopped_node_is_handled_when_its_lease_has_expired()
    {
        await using var server = await RedisServer.Start();
        await using var proxy = new TcpProxy(server.Port);
        using var isTried = new SemaphoreSlim(0);
        using var isTakenOver = new ManualResetEventSlim();
        var attempts = 0;
        await using var first = await new BillingService
        {
            Check = _ =>
            {
                Require(Interlocked.Increment(ref attempts) > 1);
                isTried.Release();
                isTakenOver.Wait(WaitTimeout);
                throw new InvalidOperationException("The attempt was too late.");
            },
        }.Start($"redis://127.0.0.1:{proxy.Port}", policy => policy.Retry(5, Soon), redis: Share);
        await BillingService.Publish(server, ("7", 1));
        Assert.True(await isTried.WaitAsync(WaitTimeout));

        proxy.Cut(); // The node is in its second attempt and has the lease of the key.
        await using var second = await new BillingService().Start(server.Address, policy => policy, redis: Share);
        await Eventually.Get(second.Bills, static bills => bills.Count == 1, WaitTimeout);
        isTakenOver.Set();
        await BillingService.WaitUntilDrained(server, WaitTimeout);

        Assert.Equal(["7 for 1"], await second.Bills());
    }

    [RedisFact]
    public async Task Retries_of_a_node_that_stops_are_available_to_the_next_node_immediately()
    {
        await using var server = await RedisServer.Start();
        var storage = new InMemoryStorage(); // Each node disposes it, which has no effect in memory.
        await using (var first = await new BillingService { Check = static placed => Require(placed.Total > 1) }
            .Start(server.Address, policy => policy.Retry(100, Soon, Soon), storage, UseLongTakeover))
        {
            await BillingService.Publish(server, Orders("7", 1, 3));
            await Eventually.Get(() => Task.FromResult(first.Attempts.Count), static count => count > 3, WaitTimeout);
            await Eventually.Get(
                () => BillingService.CountWaiting(server), static waiting => waiting == 3, WaitTimeout);
        }

        await using var second = await new BillingService().Start(
            server.Address, policy => policy, storage, UseLongTakeover);
        await BillingService.WaitUntilDrained(server, WaitTimeout);

        Assert.Equal(Bills("7", 1, 3), await second.Bills());
    }

    [RedisFact]
    public async Task Retries_survive_a_crash_of_Redis_and_continue_automatically()
    {
        await using var server = await RedisServer.Start();
        var isOpen = false;
        await using var billing = await new BillingService { Check = _ => Require(Volatile.Read(ref isOpen)) }
            .Start(server.Address, policy => policy.Retry(100, Soon, maxDelay: TimeSpan.FromMilliseconds(100)));
        await BillingService.Publish(server, Orders("7", 1, 4));
        await Eventually.Get(() => BillingService.CountWaiting(server), static waiting => waiting == 4, WaitTimeout);

        await server.Crash();
        await Eventually.Until(
            () => billing.Node.Transports.List().Single().State == TransportState.Unavailable, WaitTimeout);
        await server.Restart();
        Assert.Equal(4, await BillingService.CountWaiting(server));
        Volatile.Write(ref isOpen, true);
        await BillingService.WaitUntilDrained(server, WaitTimeout);

        Assert.Equal(Bills("7", 1, 4), await billing.Bills());
    }

    [RedisFact]
    public async Task A_message_without_retries_left_is_parked_with_its_blocked_messages_until_an_operator_retries_it()
    {
        await using var server = await RedisServer.Start();
        var isOpen = false;
        await using var billing = await new BillingService
        {
            Check = placed => Require(placed.Total > 1 || Volatile.Read(ref isOpen)),
        }.Start(server.Address, policy => policy.Retry(2, TimeSpan.FromMilliseconds(300)));
        await BillingService.Publish(server, Orders("7", 1, 3));

        var letters = await Eventually.Get(
            billing.ListDeadLetters,
            static all => all.Count == 3 && all.Any(letter => letter.State == DeadLetterState.Parked),
            WaitTimeout);
        await BillingService.WaitUntilDrained(server, WaitTimeout);
        var parked = letters.Single(static letter => letter.State == DeadLetterState.Parked);
        Assert.Equal(4, parked.Attempts); // Three attempts from the queue and one from the store.
        Assert.Equal(4, billing.Attempts.Count);
        Assert.Equal(("Not yet.", typeof(InvalidOperationException).FullName), (parked.Message, parked.ErrorType));
        Assert.All(
            letters.Where(letter => letter != parked),
            static letter => Assert.Equal(DeadLetterState.Waiting, letter.State));
        await BillingService.Publish(server, ("7", 4));
        await Eventually.Get(billing.ListDeadLetters, static all => all.Count == 4, WaitTimeout);
        Assert.Empty(await billing.Bills());

        Volatile.Write(ref isOpen, true);
        await billing.Node.DeadLetters.Retry(parked.Id, new DeadLetterNote("ada", "the service is open"));
        await Eventually.Get(billing.Bills, static bills => bills.Count == 4, WaitTimeout);

        Assert.Equal(Bills("7", 1, 4), await billing.Bills());
    }

    [RedisFact]
    public async Task A_permanent_error_parks_the_message_immediately()
    {
        await using var server = await RedisServer.Start();
        await using var billing = await new BillingService
        {
            Check = static _ => throw new FormatException("No such total."),
        }.Start(server.Address, policy => policy.Permanent<FormatException>());

        await BillingService.Publish(server, ("7", 1));

        var letters = await Eventually.Get(
            billing.ListDeadLetters, static all => all is [{ State: DeadLetterState.Parked }], WaitTimeout);
        Assert.Equal("No such total.", letters[0].Message);
        Assert.Equal(":0", await server.Ask("EXISTS {orders}:billing:retry:next")); // It was never queued.
    }

    [RedisFact]
    public async Task A_full_retry_queue_pauses_the_receiver_and_is_reported()
    {
        const int Prefetch = 4, MaxHeld = 5, Published = 60;
        await using var server = await RedisServer.Start();
        var isOpen = false;
        var outcomes = new ConcurrentQueue<FailureOutcome>();
        await using var billing = await new BillingService { Check = _ => Require(Volatile.Read(ref isOpen)) }.Start(
            server.Address,
            policy => policy.Retry(100, Soon, maxDelay: TimeSpan.FromMilliseconds(50)).Notify(outcomes.Enqueue),
            consumers: static options => options.MaxWaitingPerKey = MaxHeld,
            prefetch: Prefetch);

        await BillingService.Publish(server, Orders("7", 1, Published));
        var stalled = await Eventually.Get(
            () => Task.FromResult(billing.Retries?.Stall), static stall => stall is not null, WaitTimeout);
        var tried = billing.Attempts.Count;
        // The receiver continues to retry.
        await Eventually.Get(() => Task.FromResult(billing.Attempts.Count), count => count > tried + 20, WaitTimeout);

        Assert.InRange(await BillingService.CountWaiting(server), MaxHeld + 1, MaxHeld + 1 + Prefetch);
        Assert.Contains("behind one of their key in the queue of retries of 'billing', which allows 5:", stalled);
        // Retries are not reported.
        var escalated = Assert.IsType<FailureOutcome.Escalated>(Assert.Single(outcomes));
        Assert.Equal(BillingService.Consumer, escalated.Consumer);
        Assert.Contains("which allows 5", escalated.Reason, StringComparison.Ordinal);
        Volatile.Write(ref isOpen, true);
        await Eventually.Get(billing.Bills, static bills => bills.Count == Published, WaitTimeout);
        await Eventually.Until(() => billing.Retries is { Stall: null, Waiting: 0 }, WaitTimeout);
        Assert.Equal(Bills("7", 1, Published), await billing.Bills());
        await Eventually.Until(
            () => outcomes.LastOrDefault() is FailureOutcome.Recovered { Consumer: BillingService.Consumer },
            WaitTimeout);
    }

    [RedisFact]
    public async Task A_receiver_with_too_many_waiting_messages_receives_no_more()
    {
        const int Prefetch = 4, MaxHeld = 6, Published = 40;
        await using var server = await RedisServer.Start();
        var isOpen = false;
        await using var billing = await new BillingService { Check = _ => Require(Volatile.Read(ref isOpen)) }.Start(
            server.Address, policy => policy.Retry(100, Soon, maxDelay: TimeSpan.FromMilliseconds(50)),
            consumers: static options => options.MaxDeadLetters = MaxHeld, prefetch: Prefetch);

        await BillingService.Publish(server, Enumerable.Range(1, Published).Select(static order => ($"{order}", 1)));
        await Eventually.Until(
            () => billing.Retries?.Stall?.Contains("which allows 6", StringComparison.Ordinal) == true, WaitTimeout);
        var tried = billing.Attempts.Count;
        await Eventually.Get(() => Task.FromResult(billing.Attempts.Count), count => count > tried + 20, WaitTimeout);

        Assert.InRange(await BillingService.CountWaiting(server), MaxHeld, MaxHeld + Prefetch);
        Volatile.Write(ref isOpen, true);
        await Eventually.Get(billing.Bills, static bills => bills.Count == Published, WaitTimeout);
    }

    /// <summary>Two nodes share a store and lose their connections in turn.</summary>
    [RedisTheory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Each_message_is_handled_once_and_in_the_order_of_its_key_despite_failures(int seed)
    {
        const int Keys = 12, EventsPerKey = 25;
        await using var server = await RedisServer.Start();
        var storage = new InMemoryStorage(); // Each node disposes of it, which is of no effect.
        await using var firstProxy = new TcpProxy(server.Port);
        await using var secondProxy = new TcpProxy(server.Port);
        TcpProxy[] proxies = [firstProxy, secondProxy];
        var failures = new ConcurrentDictionary<(string, int), int>();
        void Check(Placed placed) =>
            Require(
                failures.AddOrUpdate(
                    (placed.Order, placed.Total),
                    _ => new Random(HashCode.Combine(seed, placed)).Next(3),
                    static (_, remaining) => remaining - 1) <= 0);
        Func<FailurePolicy, FailurePolicy> policy = static builder =>
            builder.Retry(100, Soon, maxDelay: TimeSpan.FromMilliseconds(40));
        await using var first = await new BillingService { Check = Check }.Start(
            $"redis://127.0.0.1:{firstProxy.Port}", policy, storage, UseShortTakeover, prefetch: 40);
        await using var second = await new BillingService { Check = Check }.Start(
            $"redis://127.0.0.1:{secondProxy.Port}", policy, storage, UseShortTakeover, prefetch: 40);

        var orders = Enumerable
            .Range(1, EventsPerKey)
            .SelectMany(static total => Enumerable.Range(1, Keys).Select(order => ($"{order}", total)));
        var publishing = BillingService.Publish(server, orders);
        for (var cut = 0; cut < 4; cut++)
        {
            var before = (await first.Bills()).Count;
            await Eventually.Get(
                first.Bills, bills => bills.Count >= Math.Min(before + 20, Keys * EventsPerKey), WaitTimeout);
            proxies[cut % 2].Cut();
            proxies[cut % 2].Restore();
        }
        await publishing;
        await Eventually.Get(first.Bills, static bills => bills.Count >= Keys * EventsPerKey, WaitTimeout);
        await BillingService.WaitUntilDrained(server, WaitTimeout);

        var bills = await first.Bills();
        foreach (var order in Enumerable.Range(1, Keys))
            Assert.Equal(
                Bills($"{order}", 1, EventsPerKey),
                bills.Where(bill => bill.StartsWith($"{order} ", StringComparison.Ordinal)));
        Assert.Equal(Keys * EventsPerKey, bills.Count);
    }

    [Fact]
    public async Task An_application_whose_transport_does_not_support_retries_does_not_start()
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            Node.Start(millrace =>
                millrace.UseInMemoryTransport(static transport =>
                    transport.Receive(
                        "billing",
                        "orders",
                        static receiver =>
                            receiver.RetryAtBroker().Handle<Placed>(static (_, _, _) => ValueTask.CompletedTask)))));

        Assert.Contains(
            "'billing' uses retries at the broker, but the transport 'memory' does not support them", refused.Message);
    }

    private static void Require(bool condition)
    {
        if (!condition)
            throw new InvalidOperationException("Not yet.");
    }

    private static IEnumerable<(string Order, int Total)> Orders(string order, int first, int last) =>
        Enumerable.Range(first, last - first + 1).Select(total => (order, total));

    private static IEnumerable<string> Bills(string order, int first, int last) =>
        Orders(order, first, last).Select(static bill => $"{bill.Order} for {bill.Total}");

    private static void UseShortTakeover(RedisOptions options) => options.TakeOverAfter = TimeSpan.FromSeconds(2);

    private static void UseLongTakeover(RedisOptions options) => options.TakeOverAfter = TimeSpan.FromHours(1);

    private static void Share(RedisOptions options)
    {
        UseShortTakeover(options);
        options.SharesSubscriptions = true;
    }
}
