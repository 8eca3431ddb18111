namespace Millrace.Sqlite;

/// <summary>The texts that begin with a prefix, as a range of their bytes.</summary>
internal static class TextRange
{
    /// <summary>Binds the least such text and the least one after them all.</summary>
    public static Statement Bind(Statement statement, string prefix, int index)
    {
        Span<byte> bytes = new byte[Utf8Text.MaxBytes(prefix.Length)];
        bytes = bytes[..Utf8Text.Encode(prefix, bytes)];
        statement.BindText(index, bytes);
        bytes[^1]++; // The last byte of a text is never the greatest one.
        return statement.BindText(index + 1, bytes);
    }
}
