using System.Text;
using Millrace.Testing;
using Microsoft.Extensions.Options;

namespace Millrace.Redis.Tests;

/// <summary>Tests streams, locks and channels on the master that Sentinels select.</summary>
public sealed class RedisSentinelTests
{
    private const string Password = "look-out";
    private static readonly CancellationToken Cancel = CancellationToken.None;
    private static readonly string[] Streams = [.. Enumerable.Range(1, 4).Select(number => $"orders-{number}")];

    [RedisFact]
    public async Task A_killed_master_loses_no_replicated_message()
    {
        await using var sentinels = await RedisSentinels.Start();
        await using var checks = new FailOverChecks(Options(sentinels, replicas: 1));
        await checks.Start(Streams, Cancel);
        var master = await sentinels.Master();

        await master.Crash();
        await Eventually.Get(() => sentinels.Master(), server => server != master, FailOverChecks.WaitTimeout);
        await master.Restart(); // The Sentinels make the restarted server a replica.
        await checks.WaitForMore(Streams, Cancel);
        await checks.Stop();

        Assert.Empty(checks.Refused);
        Assert.Empty(await checks.Missing(Streams, Cancel));
    }

    [RedisFact]
    public async Task Publishers_receivers_locks_and_channels_follow_a_failover_of_a_running_master()
    {
        await using var sentinels = await RedisSentinels.Start();
        var options = Options(sentinels);
        await using var checks = new FailOverChecks(options);
        await checks.Start(Streams, Cancel);
        await using var locks = new RedisLocks(options, TimeProvider.System);
        Assert.True((await locks.TryTake("stock", "ada", TimeSpan.FromMinutes(5), Cancel)).IsTaken);
        await using var channels = new RedisChannels(options, TimeProvider.System);
        await using var subscription = channels.Subscribe("stock");
        using var limit = new CancellationTokenSource(FailOverChecks.WaitTimeout);
        await using var notices = subscription.Read(limit.Token).GetAsyncEnumerator();
        Assert.True(await notices.MoveNextAsync());
        var receiver = await checks.Transport.Receive(new Subscription("all", Streams[0]), Cancel);
        var master = await sentinels.Master();

        await sentinels.FailOver();
        await Eventually.Get(() => sentinels.Master(), server => server != master, FailOverChecks.WaitTimeout);
        await Assert.ThrowsAsync<TransportUnavailableException>(async () =>
        {
            while (true)
                await receiver.Acknowledge(await receiver.Take(100, limit.Token), limit.Token);
        });
        await receiver.DisposeAsync();
        await checks.WaitForMore(Streams, Cancel);
        await checks.Stop();

        Assert.Empty(checks.Refused);
        await Eventually.Get(
            () => RetriedCalls.TryTake(locks, "stock", Cancel), isTaken => isTaken, FailOverChecks.WaitTimeout);
        var next = await sentinels.Master();
        await Eventually.Get(
            () => next.Ask("PUBLISH stock moved"), listeners => listeners == ":1", FailOverChecks.WaitTimeout);
        do
            Assert.True(await notices.MoveNextAsync());
        while (!notices.Current.Body.Span.SequenceEqual(Encoding.UTF8.GetBytes("moved")));
    }

    [RedisFact]
    public async Task Sentinels_require_their_own_password_and_refuse_others_with_a_clear_error()
    {
        await using var sentinels = await RedisSentinels.Start(Password);
        await using var valid = new RedisTransport(Options(sentinels, password: Password), TimeProvider.System);
        await using var invalid = new RedisTransport(Options(sentinels, password: "guessed"), TimeProvider.System);
        await using var anonymous = new RedisTransport(Options(sentinels), TimeProvider.System);
        var topology = new TransportTopology(["orders"], []);

        await valid.Declare(topology, Cancel);
        var refused = await Assert.ThrowsAsync<TransportRefusedException>(() =>
            invalid.Declare(topology, Cancel).AsTask());
        var anonymousRefused = await Assert.ThrowsAsync<TransportRefusedException>(() =>
            anonymous.Declare(topology, Cancel).AsTask());

        Assert.Contains("WRONGPASS", refused.Message, StringComparison.Ordinal);
        Assert.Contains("the Sentinel", refused.Message, StringComparison.Ordinal);
        Assert.Contains("SentinelPassword", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("guessed", refused.ToString(), StringComparison.Ordinal);
        Assert.Contains("NOAUTH", anonymousRefused.Message, StringComparison.Ordinal);
    }

    [RedisFact]
    public async Task An_unknown_service_and_unavailable_Sentinels_are_reported()
    {
        await using var sentinels = await RedisSentinels.Start();
        var options = Options(sentinels);
        options.SentinelService = "bank";
        await using var unknown = new RedisTransport(options, TimeProvider.System);
        options.SentinelService = RedisSentinels.Service;
        await using var known = new RedisTransport(options, TimeProvider.System);

        var other = await Assert.ThrowsAsync<TransportUnavailableException>(() => unknown.Check(Cancel).AsTask());
        await sentinels.Sentinels[0].Crash();
        await known.Check(Cancel); // The transport asks the next Sentinel.
        foreach (var sentinel in sentinels.Sentinels.Skip(1))
            await sentinel.Crash();
        await using var late = new RedisTransport(options, TimeProvider.System);
        var unavailable = await Assert.ThrowsAsync<TransportUnavailableException>(() => late.Check(Cancel).AsTask());

        Assert.Contains("no Sentinel knows a service 'bank'", other.Message, StringComparison.Ordinal);
        Assert.Contains("no Sentinel answers", unavailable.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_Sentinel_password_without_a_service_is_an_options_error()
    {
        var options = new RedisOptions { SentinelPassword = Password };

        var invalid = Assert.Throws<OptionsValidationException>(() => new RedisTransport(options, TimeProvider.System));

        Assert.Contains("SentinelService", invalid.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, invalid.Message, StringComparison.Ordinal);
    }

    private static RedisOptions Options(RedisSentinels sentinels, int replicas = 0, string? password = null) => new()
    {
        Address = sentinels.Address,
        SentinelService = RedisSentinels.Service,
        SentinelUser = password is null ? null : "watcher",
        SentinelPassword = password,
        Replicas = replicas,
        TakeOverAfter = TimeSpan.FromSeconds(3),
        AnswerTimeout = TimeSpan.FromSeconds(5),
    };
}
