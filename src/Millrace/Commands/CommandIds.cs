using System.Security.Cryptography;
using System.Text;

namespace Millrace.Commands;

/// <summary>Creates command ids from fixed parts, so that a command has the same id after a crash.</summary>
internal static class CommandIds
{
    private const int StackBytes = 512;

    public static Guid Of(params ReadOnlySpan<string> parts)
    {
        var text = string.Join('\n', parts!);
        var maxBytes = Encoding.UTF8.GetMaxByteCount(text.Length);
        var bytes = maxBytes <= StackBytes ? stackalloc byte[StackBytes] : new byte[maxBytes];
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(text, bytes)], digest);
        return new Guid(digest[..16]);
    }
}
