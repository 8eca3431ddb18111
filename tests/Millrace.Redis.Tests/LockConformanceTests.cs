using Millrace.Testing;

namespace Millrace.Redis.Tests;

/// <summary>Runs the conformance checks of locks with two nodes on one Redis server.</summary>
public sealed class LockConformanceTests(RedisServerFixture own)
    : LockConformance, IClassFixture<RedisServerFixture>, IAsyncLifetime
{
    private readonly List<RedisLocks> _providers = [];

    public static TheoryData<string> CheckNames => new(Checks);

    protected override TimeSpan CheckTimeout => TimeSpan.FromMinutes(3); // Long, because tests share the processor.

    [RedisTheory]
    [MemberData(nameof(CheckNames))]
    public Task Passes_the_conformance_check(string check) => Run(check);

    [RedisFact]
    public async Task A_lock_has_an_expiring_key_and_a_permanent_counter()
    {
        var locks = new Locks(await Create(CancellationToken.None));
        var held = await locks.Acquire(new LockRequest("inventory:lock:7")
        {
            Owner = "anna",
            Duration = TimeSpan.FromMinutes(2),
        });

        var timeToLive = await own.Server.Ask("PTTL inventory:lock:7");
        await held.DisposeAsync();

        Assert.InRange(int.Parse(timeToLive[1..], System.Globalization.CultureInfo.InvariantCulture), 1, 120_000);
        Assert.Equal(":0", await own.Server.Ask("EXISTS inventory:lock:7"));
        Assert.Equal(":-1", await own.Server.Ask("PTTL inventory:lock:7:token"));
    }

    [RedisFact]
    public async Task Different_lock_names_have_different_keys()
    {
        var locks = await Create(CancellationToken.None);
        string[] names =
        [
            "a",
            "a:token",
            "a:token:token",
            "a:token:lock",
            "a:token:lock:token",
            "a:lock",
            "a:lock:token",
            "a:lock:lock",
        ];

        foreach (var name in names)
        {
            var response = await locks.TryTake(name, "ada", TimeSpan.FromMinutes(1), CancellationToken.None);
            Assert.True(response.IsTaken, name);
            Assert.Equal(1, response.Token);
        }
        foreach (var name in names)
            Assert.True(await locks.Release(name, "ada", 1, CancellationToken.None), name);
    }

    [RedisFact]
    public async Task A_lock_survives_a_lost_connection_and_a_short_crash()
    {
        var locks = new Locks(await Create(CancellationToken.None));
        await using var held = await locks.Acquire(new LockRequest("long") { Duration = TimeSpan.FromMinutes(2) });

        await own.Server.CutConnections();
        await own.Server.Crash();
        await Assert.ThrowsAsync<TransportUnavailableException>(() => held.Renew());
        await own.Server.Restart();

        await held.Renew();
        Assert.True(held.IsHeld);
        var other = new Locks(await Create(CancellationToken.None));
        await Assert.ThrowsAsync<LockUnavailableException>(() =>
            other.Acquire(new LockRequest("long") { Wait = TimeSpan.Zero }));
    }

    [RedisFact]
    public async Task A_fence_refuses_the_token_of_an_expired_lock()
    {
        var (first, second) = (
            new Locks(await Create(CancellationToken.None)), new Locks(await Create(CancellationToken.None)));
        await using var store = await EventStore.Open(new Storage.InMemory.InMemoryStorage(), EventTypeMap.Empty);
        var fences = new Fences(store);
        var expired = await first.Acquire(
            new LockRequest("stock") { Duration = TimeSpan.FromMilliseconds(200), RenewsAutomatically = false }
        );
        await using var current = await second.Acquire(new LockRequest("stock") { Wait = TimeSpan.FromMinutes(1) });
        await fences.Check("stock", current.Token);

        var refused = await Assert.ThrowsAsync<FencedOffException>(() => fences.Check("stock", expired.Token));

        Assert.Equal((expired.Token, current.Token), (refused.Token, refused.Greatest));
        await Assert.ThrowsAsync<LockLostException>(() => expired.Renew());
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var provider in _providers)
            await provider.DisposeAsync();
    }

    protected override ValueTask<ILockProvider> Create(CancellationToken cancellationToken)
    {
        var provider = new RedisLocks(
            new RedisOptions { Address = own.Server.Address, AnswerTimeout = TimeSpan.FromSeconds(20) },
            TimeProvider.System);
        _providers.Add(provider);
        return new(provider);
    }
}
