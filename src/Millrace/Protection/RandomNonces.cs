using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Millrace.Protection;

/// <summary>
/// Random nonces. Each thread takes the random bytes of some nonces at once, from the generator of the runtime and, on
/// Linux, from the kernel. Each nonce is combined with the uptime and the time of its use. This makes it unlikely, but
/// not impossible, that two copies of a running virtual machine use the same nonces: the copies have the same memory,
/// and perhaps the same clocks.
/// </summary>
internal static class RandomNonces
{
    /// <summary>The number of nonces whose bytes a thread takes at once.</summary>
    public const int NoncesAtOnce = 16;

    private const int BufferBytes = PeriodCipher.NonceBytes * NoncesAtOnce;
    private const string KernelDevice = "/dev/urandom"; // The kernel takes new entropy when it notices a copy.

    private static readonly SafeFileHandle? Kernel = OpenKernel();

    [ThreadStatic]
    private static byte[]? _buffer;

    [ThreadStatic]
    private static int _used;

    public static void Fill(Span<byte> nonce)
    {
        if (_buffer is null || _used == BufferBytes)
        {
            _buffer ??= new byte[BufferBytes];
            _used = 0;
            Refill(_buffer);
        }
        _buffer.AsSpan(_used, PeriodCipher.NonceBytes).CopyTo(nonce);
        _used += PeriodCipher.NonceBytes;
        Combine(nonce, Stopwatch.GetTimestamp());
        Combine(nonce[^sizeof(long)..], TimeProvider.System.GetUtcNow().Ticks);
    }

    /// <summary>Fills a buffer from both sources. One of them is enough for unpredictable bytes.</summary>
    private static void Refill(Span<byte> buffer)
    {
        RandomNumberGenerator.Fill(buffer);
        if (Kernel is null)
            return;
        Span<byte> bytes = stackalloc byte[BufferBytes];
        var count = RandomAccess.Read(Kernel, bytes, fileOffset: 0);
        for (var i = 0; i < count; i++)
            buffer[i] ^= bytes[i];
    }

    private static void Combine(Span<byte> bytes, long value) =>
        BinaryPrimitives.WriteInt64LittleEndian(bytes, BinaryPrimitives.ReadInt64LittleEndian(bytes) ^ value);

    private static SafeFileHandle? OpenKernel()
    {
        try
        {
            return OperatingSystem.IsLinux()
                ? File.OpenHandle(KernelDevice, FileMode.Open, FileAccess.Read, FileShare.ReadWrite)
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null; // For example in a sandbox without devices.
        }
    }
}
