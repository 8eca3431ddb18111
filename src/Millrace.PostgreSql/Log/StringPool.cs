using System.Text;

namespace Millrace.PostgreSql.Log;

/// <summary>
/// Shares strings that most events contain, such as type names. A string stays in the pool until another one replaces
/// it in its slot.
/// </summary>
internal static class StringPool
{
    private const int Slots = 512; // A power of two.
    private const int MaxPooledLength = 128;

    // Shared by threads without a lock: the string in a slot is compared before it is used.
    private static readonly string?[] Texts = new string?[Slots];

    /// <summary>Returns the string for UTF-8 bytes.</summary>
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is 0 or > MaxPooledLength)
            return Encoding.UTF8.GetString(bytes);
        ref var slot = ref Texts[SlotOf(bytes)];
        if (slot is { } known && Ascii.Equals(bytes, known))
            return known;
        return slot = Encoding.UTF8.GetString(bytes);
    }

    private static int SlotOf(ReadOnlySpan<byte> bytes)
    {
        var hash = new HashCode();
        hash.AddBytes(bytes);
        return hash.ToHashCode() & (Slots - 1);
    }
}
