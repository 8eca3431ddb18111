using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;

namespace Millrace.Protection;

/// <summary>
/// Random nonces. Each thread takes the random bytes of many nonces from the system at once. Each nonce is combined
/// with the time of its use, so that a virtual machine that is copied while it runs does not repeat them.
/// </summary>
internal static class RandomNonces
{
    private const int BufferBytes = PeriodCipher.NonceBytes * 64;

    [ThreadStatic]
    private static byte[]? _buffer;

    [ThreadStatic]
    private static int _used;

    public static void Fill(Span<byte> nonce)
    {
        if (_buffer is null || _used == BufferBytes)
        {
            var buffer = _buffer ?? new byte[BufferBytes];
            RandomNumberGenerator.Fill(buffer);
            (_buffer, _used) = (buffer, 0);
        }
        _buffer.AsSpan(_used, PeriodCipher.NonceBytes).CopyTo(nonce);
        _used += PeriodCipher.NonceBytes;
        var time = BinaryPrimitives.ReadInt64LittleEndian(nonce) ^ Stopwatch.GetTimestamp();
        BinaryPrimitives.WriteInt64LittleEndian(nonce, time);
    }
}
