using System.Collections.Concurrent;
using System.Text;
using Millrace.Protection;
using Millrace.Testing;

namespace Millrace.Tests.Protection;

/// <summary>Tests the keys that are derived from a data key for each period, and the ciphers that are kept.</summary>
public sealed class DataKeyTests
{
    private static readonly ProtectionContext Place =
        new ProtectionScope("", false).OfEvent("customer.registered", new StreamId("customer-1"), Guid.Empty);

    private static readonly byte[] Secret = [.. Enumerable.Range(0, DataKey.SecretBytes).Select(n => (byte)n)];

    private readonly IdleCipherLimit _limit = new();

    [Fact]
    public void Values_of_former_periods_decrypt()
    {
        var (former, current) = (KeyOf(period: 7), KeyOf(period: 8));
        var data = Encrypt(former);

        Assert.Equal("\"a\"", Decrypt(current, data));
        Assert.Equal("\"a\"", Decrypt(current, Encrypt(current)));
        Assert.Equal("\"a\"", Decrypt(current, data));
    }

    [Fact]
    public void A_value_does_not_decrypt_with_the_key_of_another_period()
    {
        var data = Encrypt(KeyOf(period: 7));
        data[1] = 8;

        Assert.Null(Decrypt(KeyOf(period: 8), data));
    }

    [Theory]
    [InlineData("2019-12-31", false, 0)]
    [InlineData("2020-01-01", false, 0)]
    [InlineData("2020-01-02", false, 1)]
    [InlineData("2020-03-04", false, 63)]
    [InlineData("2020-03-04", true, 0)]
    [InlineData("2020-03-05", true, 64)]
    [InlineData("9999-01-01", false, ushort.MaxValue)]
    public void A_period_is_a_number_of_days(string day, bool isOfSubject, int expected) =>
        Assert.Equal(
            expected,
            PeriodCipher.PeriodOf(
                DateTimeOffset.Parse(day + "T12:00:00Z", System.Globalization.CultureInfo.InvariantCulture),
                isOfSubject));

    [Fact]
    public async Task Keys_of_subjects_and_shared_keys_have_the_period_of_the_clock()
    {
        var time = new ManualTimeProvider(new DateTimeOffset(2026, 11, 26, 0, 0, 0, TimeSpan.Zero));
        await using var ring = new KeyRing(
            new InMemoryKeyStore(), [new InMemoryMasterKey()], TimeSpan.FromMinutes(1), time);
        await ring.Open(CancellationToken.None);

        var ofSubject = await ring.GetCurrent(new KeyOwner("", "customer-1", "personal"), CancellationToken.None);
        var shared = await ring.GetCurrent(new KeyOwner("", "", "secret"), CancellationToken.None);
        time.Advance(TimeSpan.FromDays(1));
        var nextDay = await ring.GetCurrent(new KeyOwner("", "", "secret"), CancellationToken.None);

        Assert.Equal((2496, 2521, 2522), (ofSubject.Period, shared.Period, nextDay.Period));
        Assert.Equal(shared.Id, nextDay.Id);
    }

    [Fact]
    public async Task Forgetting_keys_disposes_the_ciphers_that_they_keep()
    {
        await using var ring = new KeyRing(
            new InMemoryKeyStore(), [new InMemoryMasterKey()], TimeSpan.FromMinutes(1), TimeProvider.System);
        await ring.Open(CancellationToken.None);
        var owner = new KeyOwner("", "customer-1", "personal");
        var key = await ring.GetCurrent(owner, CancellationToken.None);
        var data = Encrypt(key);
        Assert.Equal(1, ring.IdleCiphers);

        await ring.Destroy(owner, CancellationToken.None);

        Assert.Equal(0, ring.IdleCiphers);
        Assert.Null(ring.FindCurrent(owner));
        Assert.Equal("\"a\"", Decrypt(key, data)); // A caller that still has the key ends its operation.
        Assert.Equal(0, ring.IdleCiphers);
    }

    [Fact]
    public async Task A_node_without_work_removes_expired_keys()
    {
        var time = new ManualTimeProvider();
        await using var ring = new KeyRing(
            new InMemoryKeyStore(), [new InMemoryMasterKey()], TimeSpan.FromMinutes(1), time);
        await ring.Open(CancellationToken.None);
        Encrypt(await ring.GetCurrent(new KeyOwner("", "customer-1", "personal"), CancellationToken.None));
        Assert.Equal((1, 1), (ring.KeysInMemory, ring.IdleCiphers));

        time.Advance(TimeSpan.FromSeconds(75));

        Assert.Equal((0, 0), (ring.KeysInMemory, ring.IdleCiphers));
    }

    [Fact]
    public async Task Callers_that_read_a_key_at_the_same_time_share_its_ciphers()
    {
        await using var ring = new KeyRing(
            new InMemoryKeyStore(), [new InMemoryMasterKey()], TimeSpan.FromMinutes(1), TimeProvider.System);
        await ring.Open(CancellationToken.None);
        var owner = new KeyOwner("", "customer-1", "personal");
        var key = await ring.GetCurrent(owner, CancellationToken.None);
        Encrypt(key);

        var loaded = Assert.Single(await ring.Load([key.Id], CancellationToken.None));

        Assert.Same(key, loaded);
        Assert.Same(key, ring.FindCurrent(owner));
        Encrypt(loaded);
        Assert.Equal(1, ring.IdleCiphers);
    }

    [Fact]
    public async Task A_key_that_was_replaced_keeps_its_ciphers()
    {
        await using var ring = new KeyRing(
            new InMemoryKeyStore(), [new InMemoryMasterKey()], TimeSpan.FromMinutes(1), TimeProvider.System);
        await ring.Open(CancellationToken.None);
        var owner = new KeyOwner("", "customer-1", "personal");
        var former = await ring.GetCurrent(owner, CancellationToken.None);
        await ring.Replace(owner, CancellationToken.None);
        former = Assert.Single(await ring.Load([former.Id], CancellationToken.None));
        Encrypt(former);

        var current = await ring.GetCurrent(owner, CancellationToken.None);
        Encrypt(current);

        Assert.NotEqual(former.Id, current.Id);
        Assert.Equal(2, ring.IdleCiphers);
    }

    [Fact]
    public async Task Expired_keys_keep_no_ciphers()
    {
        var time = new ManualTimeProvider();
        await using var ring = new KeyRing(
            new InMemoryKeyStore(), [new InMemoryMasterKey()], TimeSpan.FromMinutes(1), time);
        await ring.Open(CancellationToken.None);
        var owner = new KeyOwner("", "customer-1", "personal");
        Encrypt(await ring.GetCurrent(owner, CancellationToken.None));
        time.Advance(TimeSpan.FromMinutes(2));

        await ring.GetCurrent(owner, CancellationToken.None);

        Assert.Equal(0, ring.IdleCiphers);
    }

    [Fact]
    public void A_key_that_is_forgotten_during_its_use_keeps_no_cipher()
    {
        var key = KeyOf(period: 1);
        var cipher = key.Rent(1);

        key.Forget();
        key.Return(cipher);

        Assert.Equal(0, _limit.Count);
        Assert.Throws<ObjectDisposedException>(() => cipher.Encrypt(new byte[12], new byte[1], new byte[16], []));
    }

    [Fact]
    public void The_number_of_kept_ciphers_is_limited()
    {
        for (var i = 0; i < IdleCipherLimit.MaxCiphers; i++)
            Assert.True(_limit.TryAdd());
        var key = KeyOf(period: 1);

        Assert.Equal("\"a\"", Decrypt(key, Encrypt(key)));
        Assert.Equal(IdleCipherLimit.MaxCiphers, _limit.Count);
    }

    [Fact]
    public void Threads_share_a_key()
    {
        var key = KeyOf(period: 1);

        Parallel.For(0, 2_000, i =>
        {
            var path = "/" + (i % 7);
            using var cipher = key.CipherOf(Place);
            var data = cipher.Encrypt(Encoding.UTF8.GetBytes($"{i}"), path, "0");
            Assert.Equal($"{i}", Encoding.UTF8.GetString(cipher.Decrypt(data, path, "0")!.Value.Span));
        });

        Assert.InRange(_limit.Count, 1, 2);
    }

    [Fact]
    public void Nonces_are_not_repeated()
    {
        var seen = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);

        Parallel.For(0, 20_000, _ =>
        {
            var nonce = new byte[PeriodCipher.NonceBytes];
            RandomNonces.Fill(nonce);
            Assert.True(seen.TryAdd(Convert.ToHexString(nonce), true));
        });
    }

    private static byte[] Encrypt(DataKey key)
    {
        using var cipher = key.CipherOf(Place);
        return cipher.Encrypt("\"a\""u8, "/name", "null");
    }

    private static string? Decrypt(DataKey key, byte[] data)
    {
        using var cipher = key.CipherOf(Place);
        return cipher.Decrypt(data, "/name", "null") is { } json ? Encoding.UTF8.GetString(json.Span) : null;
    }

    private DataKey KeyOf(ushort period) => new("AAAAAAAAAAAAAAAAAAAAAA", Secret, period, _limit);
}
