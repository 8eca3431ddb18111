using System.Security.Cryptography;

namespace Millrace.Protection;

/// <summary>
/// AES-256-GCM with the key that is derived from a data key for a period. Random nonces of 96 bits are safe for 2^32
/// values with one key (NIST SP 800-38D), so the period, and not the number of values, limits the use of a key: 1 day
/// for keys that many streams share, and 64 days for the key of one person. Not thread-safe.
/// </summary>
internal sealed class PeriodCipher(ushort period, ReadOnlySpan<byte> key) : IDisposable
{
    public const int NonceBytes = 12;
    public const int TagBytes = 16;

    private const int DaysOfSubject = 64;

    private static readonly DateTimeOffset FirstDay = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly AesGcm _cipher = new(key, TagBytes);

    /// <summary>Gets the first part of the info from which keys are derived.</summary>
    public static ReadOnlySpan<byte> Info => "millrace-enc1"u8;

    public ushort Period { get; } = period;

    /// <summary>Returns the period of a time: a number of days.</summary>
    /// <param name="time">The time.</param>
    /// <param name="isOfSubject">True for the key of one data subject.</param>
    public static ushort PeriodOf(DateTimeOffset time, bool isOfSubject)
    {
        var day = Math.Clamp((long)(time - FirstDay).TotalDays, 0, ushort.MaxValue);
        return (ushort)(isOfSubject ? day / DaysOfSubject * DaysOfSubject : day);
    }

    /// <summary>Encrypts a text in place.</summary>
    public void Encrypt(ReadOnlySpan<byte> nonce, Span<byte> text, Span<byte> tag, ReadOnlySpan<byte> additional) =>
        _cipher.Encrypt(nonce, text, text, tag, additional);

    /// <exception cref="AuthenticationTagMismatchException">The bytes or the additional data were changed.</exception>
    public void Decrypt(
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> encrypted,
        ReadOnlySpan<byte> tag,
        Span<byte> text,
        ReadOnlySpan<byte> additional) => _cipher.Decrypt(nonce, encrypted, tag, text, additional);

    public void Dispose() => _cipher.Dispose();
}
