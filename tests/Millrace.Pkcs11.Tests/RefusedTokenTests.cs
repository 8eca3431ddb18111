using Millrace.Storage;

namespace Millrace.Pkcs11.Tests;

/// <summary>Tests libraries, tokens, PINs and keys that cannot be used.</summary>
[Collection(nameof(TokenDirectory))]
public sealed class RefusedTokenTests(TokenDirectory tokens)
{
    private static readonly KeyStoreIdentity KeyStore = new(new Guid(1, 2, 3, new byte[8]), new byte[32]);

    [SoftHsmFact]
    public async Task A_wrong_pin_is_sent_to_the_token_once()
    {
        var options = TokenDirectory.Options(tokens.CreateKey("pins"), "pins");
        options.Pin = "wrong-4711";

        var refused = await AssertRefused(options, "refuses the PIN", StorageProblem.Other);
        Assert.True(tokens.Flags("pins").HasFailedAttempts);
        tokens.InSession("pins", static _ => { }); // The right PIN resets the count.
        Assert.False(tokens.Flags("pins").HasFailedAttempts);
        await AssertRefused(options, "refuses the PIN", StorageProblem.Other);

        Assert.False(tokens.Flags("pins").HasFailedAttempts);
        Assert.DoesNotContain(options.Pin, refused.ToString(), StringComparison.Ordinal);
        options.Pin = TokenDirectory.Pin;
        using var master = new Pkcs11MasterKey(options);
        await master.Open(KeyStore, default);
    }

    [SoftHsmFact]
    public async Task A_pin_with_a_wrong_length_is_refused()
    {
        var options = TokenDirectory.Options(tokens.CreateKey("pins"), "pins");
        options.Pin = "1";

        await AssertRefused(options, "refuses the PIN", StorageProblem.Other);
    }

    [SoftHsmFact]
    public async Task A_missing_library_is_reported()
    {
        var options = TokenDirectory.Options("key");
        options.ModulePath = "/usr/lib/missing/libtoken.so";

        await AssertRefused(options, "the file does not exist", StorageProblem.Other);
    }

    [SoftHsmFact]
    public async Task A_file_that_is_no_library_or_another_library_is_reported()
    {
        var options = TokenDirectory.Options("key");
        var file = Path.GetTempFileName();
        options.ModulePath = file;
        await AssertRefused(options, "cannot be loaded", StorageProblem.Other);
        File.Delete(file);

        options.ModulePath = "libc.so.6";
        await AssertRefused(options, "cannot be loaded", StorageProblem.Other);
    }

    [SoftHsmFact]
    public async Task A_missing_token_is_reported_as_unavailable()
    {
        await AssertRefused(
            TokenDirectory.Options("key", "elsewhere"), "no PKCS#11 token 'elsewhere'", StorageProblem.Unavailable);

        var options = TokenDirectory.Options("key");
        (options.TokenLabel, options.SlotId) = (null, 4711);
        await AssertRefused(options, "no PKCS#11 token in slot 4711", StorageProblem.Unavailable);
    }

    [SoftHsmFact]
    public Task Two_tokens_with_one_label_are_refused() =>
        AssertRefused(TokenDirectory.Options("key", "twin"), "set SlotId", StorageProblem.Other);

    [SoftHsmFact]
    public async Task A_token_is_found_by_its_slot()
    {
        var label = tokens.CreateKey();
        var options = TokenDirectory.Options(label);
        options.SlotId = tokens.SlotOf("shop");
        options.TokenLabel = null;
        using var master = new Pkcs11MasterKey(options);

        await master.Open(KeyStore, default);

        Assert.StartsWith("pkcs11-", master.Id, StringComparison.Ordinal);
    }

    [SoftHsmFact]
    public async Task Unsuitable_keys_are_refused()
    {
        await AssertRefused(TokenDirectory.Options("missing"), "no AES key with this label", StorageProblem.Other);
        tokens.CreateKey("double", "shop");
        tokens.CreateKey("double", "shop");
        await AssertRefused(TokenDirectory.Options("double"), "2 AES keys have this label", StorageProblem.Other);
        tokens.CreateKey("leaving", "shop", isExtractable: true);
        await AssertRefused(TokenDirectory.Options("leaving"), "can leave the token", StorageProblem.Other);
        tokens.CreateKey("idle", "shop", isUsable: false);
        await AssertRefused(TokenDirectory.Options("idle"), "may not encrypt", StorageProblem.Other);
        tokens.CreateKey("short", "shop", bytes: 16);
        await AssertRefused(TokenDirectory.Options("short"), "128 bits instead of 256", StorageProblem.Other);
    }

    private static async Task<KeyStoreException> AssertRefused(
        Pkcs11Options options, string message, StorageProblem problem)
    {
        using var master = new Pkcs11MasterKey(options);
        var refused = await Assert.ThrowsAsync<KeyStoreException>(async () => await master.Open(KeyStore, default));
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.Equal(problem, refused.Problem);
        Assert.Throws<InvalidOperationException>(() => master.Id);
        return refused;
    }
}
