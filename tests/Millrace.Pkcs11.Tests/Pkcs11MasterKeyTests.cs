using System.Security.Cryptography;
using System.Text;
using Millrace.Storage;

namespace Millrace.Pkcs11.Tests;

/// <summary>Tests a master key in a SoftHSM token.</summary>
[Collection(nameof(TokenDirectory))]
public sealed class Pkcs11MasterKeyTests(TokenDirectory tokens)
{
    private static readonly KeyStoreIdentity KeyStore = new(new Guid(1, 2, 3, new byte[8]), new byte[32]);
    private static readonly byte[] Secret = RandomNumberGenerator.GetBytes(32);
    private static readonly byte[] Context = Encoding.UTF8.GetBytes("key-1|tenant|customer-1|personal");

    [SoftHsmFact]
    public async Task A_data_key_is_wrapped_and_unwrapped_in_the_token()
    {
        var label = tokens.CreateKey();
        using var first = await Open(TokenDirectory.Options(label));
        using var second = await Open(TokenDirectory.Options(label));

        var wrapped = await first.Wrap(Secret, Context, default);

        Assert.Equal(Secret, await second.Unwrap(wrapped, Context, default));
        Assert.Equal(first.Id, second.Id);
        Assert.NotEqual(wrapped, await first.Wrap(Secret, Context, default));
        Assert.Equal(-1, wrapped.AsSpan().IndexOf(Secret));
    }

    [SoftHsmFact]
    public async Task Another_key_has_another_id_and_unwraps_nothing()
    {
        using var first = await Open(TokenDirectory.Options(tokens.CreateKey()));
        using var second = await Open(TokenDirectory.Options(tokens.CreateKey()));
        var wrapped = await first.Wrap(Secret, Context, default);

        var refused = await Assert.ThrowsAsync<KeyStoreException>(
            async () => await second.Unwrap(wrapped, Context, default));

        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal(StorageProblem.Damaged, refused.Problem);
    }

    [SoftHsmFact]
    public async Task A_key_with_another_owner_or_key_store_is_not_unwrapped()
    {
        var label = tokens.CreateKey();
        using var master = await Open(TokenDirectory.Options(label));
        using var other = new Pkcs11MasterKey(TokenDirectory.Options(label));
        await other.Open(KeyStore with { Id = new Guid(9, 2, 3, new byte[8]) }, default);
        var wrapped = await master.Wrap(Secret, Context, default);
        var moved = Encoding.UTF8.GetBytes("key-1|tenant|customer-2|personal");

        await AssertDamaged(master, wrapped, moved);
        await AssertDamaged(master, wrapped, []);
        await AssertDamaged(other, wrapped, Context);
        Assert.Equal(Secret, await master.Unwrap(wrapped, Context, default));
    }

    [SoftHsmFact]
    public async Task Changed_bytes_are_reported_as_damage_and_the_key_remains_usable()
    {
        using var master = await Open(TokenDirectory.Options(tokens.CreateKey()));
        var wrapped = await master.Wrap(Secret, Context, default);

        for (var i = 0; i < wrapped.Length; i += 7)
        {
            var changed = wrapped.ToArray();
            changed[i] ^= 1;
            await AssertDamaged(master, changed, Context);
        }
        foreach (var length in new[] { 0, 12, 28, 29, wrapped.Length - 1 })
            await AssertDamaged(master, wrapped[..length], Context);
        Assert.Equal(Secret, await master.Unwrap(wrapped, Context, default));
    }

    [SoftHsmFact]
    public async Task Many_callers_use_the_key_at_the_same_time()
    {
        using var master = await Open(TokenDirectory.Options(tokens.CreateKey()));

        var unwrapped = await Task.WhenAll(Enumerable.Range(0, 64).Select(number => Task.Run(async () =>
        {
            byte[] secret = [.. Secret[..31], (byte)number];
            var wrapped = await master.Wrap(secret, Context, default);
            return (secret, await master.Unwrap(wrapped, Context, default));
        })));

        Assert.All(unwrapped, pair => Assert.Equal(pair.secret, pair.Item2));
    }

    [SoftHsmFact]
    public async Task Lost_sessions_are_opened_again()
    {
        var label = tokens.CreateKey("lost");
        using var master = await Open(TokenDirectory.Options(label, "lost"));
        var wrapped = await master.Wrap(Secret, Context, default);

        tokens.CloseSessions("lost"); // Also logs out.
        Assert.Equal(Secret, await master.Unwrap(wrapped, Context, default));
        tokens.CloseSessions("lost");
        Assert.NotEmpty(await master.Wrap(Secret, Context, default));
    }

    [SoftHsmFact]
    public async Task A_library_that_another_component_finalized_is_initialized_again()
    {
        using var master = await Open(TokenDirectory.Options(tokens.CreateKey("lost"), "lost"));
        var wrapped = await master.Wrap(Secret, Context, default);

        tokens.FinalizeLibrary();

        Assert.Equal(Secret, await master.Unwrap(wrapped, Context, default));
    }

    [SoftHsmFact]
    public async Task A_replaced_key_is_reported_and_not_used()
    {
        var label = tokens.CreateKey("lost");
        using var master = await Open(TokenDirectory.Options(label, "lost"));
        tokens.DestroyKey(label, "lost");
        tokens.CreateKey(label, "lost");
        tokens.CloseSessions("lost");

        var refused = await Assert.ThrowsAsync<KeyStoreException>(
            async () => await master.Wrap(Secret, Context, default));

        Assert.Contains("replaced by another key", refused.Message, StringComparison.Ordinal);
    }

    [SoftHsmFact]
    public async Task A_disposed_key_refuses_operations()
    {
        var master = await Open(TokenDirectory.Options(tokens.CreateKey()));
        master.Dispose();

        var refused = await Assert.ThrowsAsync<KeyStoreException>(
            async () => await master.Wrap(Secret, Context, default));

        Assert.Equal(StorageProblem.Closed, refused.Problem);
    }

    [SoftHsmFact]
    public async Task A_cancelled_operation_does_not_run()
    {
        using var master = await Open(TokenDirectory.Options(tokens.CreateKey()));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await master.Wrap(Secret, Context, new CancellationToken(canceled: true)));

        Assert.NotEmpty(await master.Wrap(Secret, Context, default));
    }

    private static async Task<Pkcs11MasterKey> Open(Pkcs11Options options)
    {
        var master = new Pkcs11MasterKey(options);
        await master.Open(KeyStore, default);
        return master;
    }

    private static async Task AssertDamaged(Pkcs11MasterKey master, byte[] wrapped, byte[] context)
    {
        var refused = await Assert.ThrowsAsync<KeyStoreException>(
            async () => await master.Unwrap(wrapped, context, default));
        Assert.Equal(StorageProblem.Damaged, refused.Problem);
    }
}
