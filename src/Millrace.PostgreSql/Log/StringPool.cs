using System.Text;

namespace Millrace.PostgreSql;

/// <summary>Texts that most events share, such as the names of types: each is made once, as long as no other takes its
/// place.</summary>
internal static class StringPool
{
    private const int Places = 512; // A power of two.
    private const int MaxPooledLength = 128;

    // Read and written by many at once: whichever text stands in a place is compared before it is used.
    private static readonly string?[] Texts = new string?[Places];

    /// <summary>The text of UTF-8 bytes.</summary>
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is 0 or > MaxPooledLength)
            return Encoding.UTF8.GetString(bytes);
        ref var place = ref Texts[PlaceOf(bytes)];
        if (place is { } known && Ascii.Equals(bytes, known))
            return known;
        return place = Encoding.UTF8.GetString(bytes);
    }

    private static int PlaceOf(ReadOnlySpan<byte> bytes)
    {
        var hash = new HashCode();
        hash.AddBytes(bytes);
        return hash.ToHashCode() & (Places - 1);
    }
}
