using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Millrace.Messaging.Receiving;

/// <summary>Identifies a repeated message by its receiver, id, source and subject.</summary>
/// <remarks>The message's id alone is not sufficient, because ids of events are unique only in their stream.</remarks>
/// <param name="receiver">The receiver's name.</param>
/// <param name="message">The message.</param>
/// <param name="part">The index of the event, if an upcaster creates several events from the message; from 0.</param>
internal readonly struct InboxId(string receiver, Message message, int part = 0)
{
    // With separators and suffix, an id has at most 256 characters. Changing this number would change stored ids.
    private const int MaxPlainCharacters = 197;
    private const int UuidLength = 36;
    private const int UuidBytes = 16;
    private const int OriginBytes = 8; // The length of the digest of source and subject.
    private const int DigestBytes = SHA256.HashSizeInBytes;
    private const int StackBytes = 512;

    /// <summary>Returns the id as an idempotency key of a command. It has at most 256 characters.</summary>
    public string ToKey()
    {
        var id = message.Id;
        var source = message.Source;
        var subject = message.Subject ?? "";
        // Parts are separated by line feeds. If a part contains one, or the text is too long, the digest is used
        // instead.
        var isPlain =
            receiver.Length + id.Length + source.Length + subject.Length <= MaxPlainCharacters
            && IsPlain(receiver)
            && IsPlain(id)
            && IsPlain(source)
            && IsPlain(subject);
        return WithPart(
            isPlain
                ? $"{receiver}\n{id}\n{source}\n{subject}"
                : $"{receiver}\n{DigestOf(receiver, id, source, subject)}");
    }

    /// <summary>
    /// Returns a short id that marks the message as handled by the receiver. It has at most 256 characters.
    /// </summary>
    /// <remarks>
    /// The result starts with the message's id. Most ids start with a time, so that messages of the same time are
    /// adjacent in the index. A UUID is written without its hyphens.
    /// </remarks>
    public string ToHandledId()
    {
        var id = message.Id;
        var source = message.Source;
        var subject = message.Subject ?? "";
        Span<byte> bytes = stackalloc byte[UuidBytes + DigestBytes];
        WriteDigest(bytes[UuidBytes..], source, subject);
        if (TryWriteUuid(id, bytes))
            return WithPart(Convert.ToHexStringLower(bytes[..(UuidBytes + OriginBytes)]));
        return WithPart(id.Length <= MaxPlainCharacters && IsPlain(id)
            ? $"{id}\n{Convert.ToHexStringLower(bytes.Slice(UuidBytes, OriginBytes))}"
            : $"\n{DigestOf(id, source, subject)}");
    }

    private string WithPart(string text) => part == 0 ? text : $"{text}\n#{part}";

    private static bool IsPlain(string text) => !text.AsSpan().ContainsAny('\n', '\0');

    /// <summary>
    /// Writes the bytes of a UUID if it has the canonical spelling. Another spelling is a different id.
    /// </summary>
    private static bool TryWriteUuid(string id, Span<byte> bytes)
    {
        Span<char> canonical = stackalloc char[UuidLength];
        return Guid.TryParseExact(id, "D", out var uuid)
            && uuid.TryFormat(canonical, out _, "D")
            && id.AsSpan().SequenceEqual(canonical)
            && uuid.TryWriteBytes(bytes, bigEndian: true, out _);
    }

    private static string DigestOf(params ReadOnlySpan<string> parts)
    {
        Span<byte> digest = stackalloc byte[DigestBytes];
        WriteDigest(digest, parts);
        return Convert.ToHexStringLower(digest);
    }

    private static void WriteDigest(Span<byte> digest, params ReadOnlySpan<string> parts)
    {
        var maxBytes = 0;
        foreach (var one in parts)
            maxBytes += sizeof(int) + Encoding.UTF8.GetMaxByteCount(one.Length);
        Span<byte> bytes = maxBytes <= StackBytes ? stackalloc byte[maxBytes] : new byte[maxBytes];
        var end = 0;
        foreach (var one in parts)
        {
            var length = Encoding.UTF8.GetBytes(one, bytes[(end + sizeof(int))..]);
            BinaryPrimitives.WriteInt32LittleEndian(bytes[end..], length);
            end += sizeof(int) + length;
        }
        SHA256.HashData(bytes[..end], digest);
    }
}
