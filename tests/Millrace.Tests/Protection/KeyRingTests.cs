using Millrace.Testing;
using Millrace.Protection;
using Millrace.Storage;

namespace Millrace.Tests.Protection;

/// <summary>Tests the keys in memory, their master keys, and their replacement.</summary>
public sealed class KeyRingTests : IAsyncDisposable
{
    private static readonly KeyOwner Owner = new("", "customer-1", "personal");

    private readonly InMemoryKeyStore _store = new();
    private readonly ManualTimeProvider _time = new();

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task Concurrent_callers_receive_one_key()
    {
        var first = await Ring("first passphrase");
        var second = await Ring("first passphrase");

        var keys = await Task.WhenAll(Enumerable.Range(0, 32).Select(
            number => Task.Run(async () => (await (number % 2 == 0 ? first : second).GetCurrent(Owner, default)).Id)));

        Assert.Single(keys.Distinct());
    }

    [Fact]
    public async Task A_key_is_read_again_after_the_cache_time()
    {
        var ring = await Ring("first passphrase");
        var other = await Ring("first passphrase");
        var key = await ring.GetCurrent(Owner, default);
        await other.Destroy(Owner, default);

        Assert.Same(key, ring.FindCurrent(Owner));
        _time.Advance(TimeSpan.FromSeconds(61));

        Assert.Null(ring.FindCurrent(Owner));
        Assert.Null(ring.Find(key.Id));
        Assert.True((await ring.GetCurrent(Owner, default)).IsDestroyed);
        Assert.True(Assert.Single(await ring.Load([key.Id], default)).IsDestroyed);
    }

    [Fact]
    public async Task A_destroyed_key_is_forgotten_at_once()
    {
        var ring = await Ring("first passphrase");
        var key = await ring.GetCurrent(Owner, default);

        var destroyed = await ring.Destroy(Owner, default);

        Assert.Equal([key.Id], destroyed);
        Assert.Null(ring.FindCurrent(Owner));
        Assert.True((await ring.GetCurrent(Owner, default)).IsDestroyed);
    }

    [Fact]
    public async Task A_key_that_was_read_by_its_id_also_encrypts()
    {
        var first = await Ring("first passphrase");
        var key = await first.GetCurrent(Owner, default);
        var second = await Ring("first passphrase");

        Assert.Single(await second.Load([key.Id, KeyIds.New()], default));

        Assert.Equal(key.Id, second.FindCurrent(Owner)!.Id);
    }

    [Fact]
    public async Task A_wrong_passphrase_is_refused_even_after_many_destroyed_keys()
    {
        var ring = await Ring("first passphrase");
        for (var number = 0; number < 1_500; number++)
            await _store.Destroy(Owner with { Subject = $"a-{number}" }, DateTimeOffset.UnixEpoch, default);
        await ring.GetCurrent(Owner, default);

        await Assert.ThrowsAsync<KeyStoreException>(() => Ring("other passphrase"));
    }

    [Fact]
    public async Task A_wrong_passphrase_is_refused_when_the_keys_open()
    {
        var ring = await Ring("first passphrase");
        await ring.GetCurrent(Owner, default);

        var refused = await Assert.ThrowsAsync<KeyStoreException>(() => Ring("other passphrase"));

        Assert.Contains("Check the passphrase", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("other passphrase", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_rewrapping_the_former_passphrase_is_not_needed()
    {
        var first = await Ring("first passphrase");
        for (var number = 0; number < 250; number++)
            await first.GetCurrent(Owner with { Subject = $"customer-{number}" }, default);
        await first.Destroy(Owner with { Subject = "customer-0" }, default);
        var id = (await first.GetCurrent(Owner, default)).Id;
        var second = await Ring("second passphrase", "first passphrase");

        var rewrapped = await new DataKeys(second).RewrapAll();
        var again = await new DataKeys(second).RewrapAll();

        Assert.Equal((249, 0), (rewrapped, again));
        var only = await Ring("second passphrase");
        Assert.Equal(id, (await only.GetCurrent(Owner, default)).Id);
    }

    [Fact]
    public async Task An_interrupted_rewrapping_continues()
    {
        var first = await Ring("first passphrase");
        for (var number = 0; number < 250; number++)
            await first.GetCurrent(Owner with { Subject = $"customer-{number}" }, default);
        var second = await Ring("second passphrase", "first passphrase");
        using var stop = new CancellationTokenSource();
        var progress = new StopAfterFirstPage(stop);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await new DataKeys(second).RewrapAll(progress, stop.Token));

        Assert.Equal(150, await new DataKeys(second).RewrapAll());
    }

    [Fact]
    public async Task A_replaced_key_still_decrypts()
    {
        var ring = await Ring("first passphrase");
        var former = await ring.GetCurrent(Owner, default);

        Assert.True(await new DataKeys(ring).Replace(Owner));

        var current = await ring.GetCurrent(Owner, default);
        Assert.NotEqual(former.Id, current.Id);
        Assert.False(Assert.Single(await ring.Load([former.Id], default)).IsDestroyed);
        Assert.False(await new DataKeys(ring).Replace(Owner with { Subject = "customer-2" }));
    }

    [Fact]
    public async Task A_wrapped_key_does_not_unwrap_for_another_owner()
    {
        var ring = await Ring("first passphrase");
        await ring.GetCurrent(Owner, default);
        var record = (await _store.FindCurrent(Owner, default))!;
        var thief = Owner with { Subject = "customer-2" };
        await _store.Add(record with { Owner = thief, Id = KeyIds.New() }, default);

        var refused = await Assert.ThrowsAsync<KeyStoreException>(async () => await ring.GetCurrent(thief, default));

        Assert.Equal(StorageProblem.Damaged, refused.Problem);
    }

    [Fact]
    public void A_short_passphrase_is_refused() =>
        Assert.Throws<ArgumentException>(() => new PassphraseMasterKey("short"));

    private async Task<KeyRing> Ring(params string[] passphrases)
    {
        var ring = new KeyRing(
            _store, [.. passphrases.Select(text => new PassphraseMasterKey(text))], TimeSpan.FromMinutes(1), _time);
        await ring.Open(CancellationToken.None);
        return ring;
    }

    private sealed class StopAfterFirstPage(CancellationTokenSource stop) : IProgress<long>
    {
        public void Report(long value) => stop.Cancel();
    }
}
