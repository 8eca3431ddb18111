namespace Millrace.Sqlite.Driver;

/// <summary>The texts with a given prefix, as a range of bytes.</summary>
internal static class TextRange
{
    /// <summary>Binds the first text with the prefix, and the first text after all of them.</summary>
    public static Statement Bind(Statement statement, string prefix, int index)
    {
        Span<byte> bytes = new byte[Utf8Text.MaxBytes(prefix.Length)];
        bytes = bytes[..Utf8Text.Encode(prefix, bytes)];
        statement.BindText(index, bytes);
        bytes[^1]++; // The last byte of UTF-8 text is never 0xFF.
        return statement.BindText(index + 1, bytes);
    }
}
