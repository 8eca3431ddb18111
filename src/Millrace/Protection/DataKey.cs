using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Millrace.Protection;

/// <summary>
/// A data key in memory, with the secret if it was not destroyed. It encrypts nothing itself: values are encrypted with
/// keys that are derived from it, one for each period of time. Thread-safe.
/// </summary>
/// <param name="id">The id.</param>
/// <param name="secret">The 32 bytes; null if the key was destroyed.</param>
/// <param name="period">The period in which new values are encrypted.</param>
/// <param name="limit">The limit of idle ciphers; null to keep none.</param>
internal sealed class DataKey(string id, byte[]? secret, ushort period = 0, IdleCipherLimit? limit = null)
{
    public const int SecretBytes = 32;

    // Two threads can use the key at the same time without deriving again. A cipher is used by one thread at a time.
    private PeriodCipher? _idle;
    private PeriodCipher? _otherIdle;
    private volatile bool _isForgotten;

    public string Id { get; } = id;

    public bool IsDestroyed => secret is null;

    /// <summary>Gets the period in which new values are encrypted.</summary>
    public ushort Period { get; } = period;

    /// <summary>
    /// Returns whether another object is the same key, in the same state and period, so that this one can replace it.
    /// </summary>
    public bool IsSameAs(DataKey other) =>
        !_isForgotten && Id == other.Id && Period == other.Period && IsDestroyed == other.IsDestroyed;

    /// <summary>Creates the cipher of a place. The caller disposes it.</summary>
    public PlaceCipher CipherOf(in ProtectionContext context) => new(this, context);

    /// <summary>Takes the cipher of a period, which the caller returns or disposes.</summary>
    public PeriodCipher Rent(ushort period)
    {
        if (Take(ref _idle, period) is { } idle)
            return idle;
        if (Take(ref _otherIdle, period) is { } other)
            return other;
        Span<byte> key = stackalloc byte[SecretBytes];
        Span<byte> info = stackalloc byte[PeriodCipher.Info.Length + sizeof(ushort)];
        PeriodCipher.Info.CopyTo(info);
        BinaryPrimitives.WriteUInt16BigEndian(info[^sizeof(ushort)..], period);
        HKDF.Expand(HashAlgorithmName.SHA256, secret!, key, info); // Callers check IsDestroyed first.
        var cipher = new PeriodCipher(period, key);
        CryptographicOperations.ZeroMemory(key);
        return cipher;
    }

    /// <summary>Derives a key for another purpose than encryption. The key must not be destroyed.</summary>
    /// <param name="info">The purpose, which no other use of this key has.</param>
    /// <param name="output">The derived key.</param>
    public void Derive(ReadOnlySpan<byte> info, Span<byte> output) =>
        HKDF.Expand(HashAlgorithmName.SHA256, secret!, output, info); // Callers check IsDestroyed first.

    /// <summary>Keeps a cipher for the next caller, or disposes it.</summary>
    public void Return(PeriodCipher cipher)
    {
        if (limit is null || _isForgotten || !limit.TryAdd())
        {
            cipher.Dispose();
            return;
        }
        if (Interlocked.CompareExchange(ref _idle, cipher, null) is not null
            && Interlocked.CompareExchange(ref _otherIdle, cipher, null) is not null)
        {
            limit.Remove();
            cipher.Dispose();
            return;
        }
        if (_isForgotten)
            DisposeIdle();
    }

    /// <summary>Disposes the idle ciphers. From now on, none is kept.</summary>
    public void Forget()
    {
        _isForgotten = true;
        DisposeIdle();
    }

    /// <summary>Takes an idle cipher. Disposes it if it is the cipher of another period.</summary>
    private PeriodCipher? Take(ref PeriodCipher? idle, ushort period)
    {
        if (idle is null || Interlocked.Exchange(ref idle, null) is not { } taken)
            return null;
        limit?.Remove();
        if (taken.Period == period)
            return taken;
        taken.Dispose();
        return null;
    }

    private void DisposeIdle()
    {
        Dispose(Interlocked.Exchange(ref _idle, null));
        Dispose(Interlocked.Exchange(ref _otherIdle, null));
    }

    private void Dispose(PeriodCipher? cipher)
    {
        if (cipher is null)
            return;
        limit?.Remove();
        cipher.Dispose();
    }
}
