using System.Buffers.Binary;
using System.Text;

namespace Millrace.Protection;

/// <summary>
/// The place of a stored payload, which the tags of its encrypted values authenticate. A value that was moved to
/// another place therefore does not decrypt.
/// </summary>
/// <param name="Kind">The kind of place, such as <c>event</c>.</param>
/// <param name="Tenant">The tenant; empty without tenants.</param>
/// <param name="Type">The stored name of the event type, or the collection.</param>
/// <param name="Owner">The stream, or the key of the document, without the prefix of a tenant.</param>
/// <param name="Id">The id of the event; empty for a document.</param>
internal readonly record struct ProtectionContext(string Kind, string Tenant, string Type, string Owner, string Id)
{
    /// <summary>Returns the bytes that tags authenticate. Each part follows its length.</summary>
    public byte[] ToBytes() => Join(["millrace-enc1", Kind, Tenant, Type, Owner, Id]);

    /// <summary>Joins texts so that different texts never have the same bytes.</summary>
    public static byte[] Join(ReadOnlySpan<string> parts)
    {
        var length = 0;
        foreach (var part in parts)
            length += sizeof(int) + Encoding.UTF8.GetByteCount(part);
        var bytes = new byte[length];
        var next = bytes.AsSpan();
        foreach (var part in parts)
            next = next[Write(part, next)..];
        return bytes;
    }

    /// <summary>Writes a text after its length. Returns the number of written bytes.</summary>
    public static int Write(string part, Span<byte> output)
    {
        var written = Encoding.UTF8.GetBytes(part, output[sizeof(int)..]);
        BinaryPrimitives.WriteInt32BigEndian(output, written);
        return sizeof(int) + written;
    }
}
