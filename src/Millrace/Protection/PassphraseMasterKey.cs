using System.Security.Cryptography;
using Millrace.Protection;

namespace Millrace;

/// <summary>
/// A master key that is derived from a passphrase and the salt of the key store, with PBKDF2 (HMAC-SHA-256, 600,000
/// iterations). It wraps data keys with AES-256-GCM. The passphrase is not stored.
/// </summary>
/// <param name="passphrase">The passphrase: at least 12 characters. It and the key store
/// together decrypt everything.</param>
/// <exception cref="ArgumentException">The passphrase is too short.</exception>
public sealed class PassphraseMasterKey(string passphrase) : IMasterKey
{
    /// <summary>The minimum length of a passphrase: 12 characters.</summary>
    public const int MinLength = 12;

    private const int Iterations = 600_000;
    private const int KeyBytes = 32;

    private readonly string _passphrase = Checked(passphrase);
    private volatile Derived? _derived;

    /// <inheritdoc/>
    public string Id => (_derived ?? throw NotOpen()).Id;

    /// <inheritdoc/>
    public ValueTask Open(KeyStoreIdentity keyStore, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keyStore);
        var key = Rfc2898DeriveBytes.Pbkdf2(
            _passphrase, keyStore.Salt.Span, Iterations, HashAlgorithmName.SHA256, KeyBytes);
        // The id shows whether two passphrases are the same, but reveals nothing about the key.
        var id = HMACSHA256.HashData(key, "millrace master key id"u8);
        _derived = new Derived(key, "passphrase-" + Convert.ToHexStringLower(id.AsSpan(0, 8)));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<byte[]> Wrap(
        ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> context, CancellationToken cancellationToken) =>
        new(KeyWrap.Wrap((_derived ?? throw NotOpen()).Key, key.Span, context.Span));

    /// <inheritdoc/>
    public ValueTask<byte[]> Unwrap(
        ReadOnlyMemory<byte> wrapped, ReadOnlyMemory<byte> context, CancellationToken cancellationToken) =>
        new(KeyWrap.Unwrap((_derived ?? throw NotOpen()).Key, wrapped.Span, context.Span));

    private static string Checked(string passphrase)
    {
        ArgumentNullException.ThrowIfNull(passphrase);
        return passphrase.Length >= MinLength
            ? passphrase
            : throw new ArgumentException(
                $"The passphrase of the keys has {passphrase.Length} characters: use at least {MinLength}.",
                nameof(passphrase));
    }

    private static InvalidOperationException NotOpen() => new("The master key is not open: call Open first.");

    private sealed record Derived(byte[] Key, string Id);
}
