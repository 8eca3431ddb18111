using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Commerce.SharedKernel;

/// <summary>
/// Ids that are derived from names (UUID version 5): the same invoice number always gives the same order id.
/// </summary>
public static class NameBasedId
{
    private static readonly Guid Shop = new("5f1cbd5e-31c5-5a0c-9a39-6c6f6d6d6572");

    /// <summary>Returns the id of a name, such as <c>536365</c>, within a kind, such as <c>order</c>.</summary>
    [SuppressMessage(
        "Security", "CA5350", Justification = "RFC 9562 defines version 5 by SHA-1; it names, it does not protect.")]
    public static Guid Of(string kind, string name)
    {
        var text = Encoding.UTF8.GetBytes($"{kind}/{name}");
        Span<byte> input = stackalloc byte[16 + 512];
        if (text.Length > 512)
            throw new ArgumentException("A name of at most 512 bytes is needed.", nameof(name));
        Shop.TryWriteBytes(input, bigEndian: true, out _);
        text.CopyTo(input[16..]);
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
        SHA1.HashData(input[..(16 + text.Length)], hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
