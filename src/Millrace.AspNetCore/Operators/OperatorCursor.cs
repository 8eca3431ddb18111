using System.Globalization;
using Millrace.AspNetCore.Binding;
using Millrace.Storage;

namespace Millrace.AspNetCore.Operators;

/// <summary>
/// Converts the end of a page of documents to text and back. A client sends the text to get the next page. The
/// documents are ordered by a time.
/// </summary>
internal static class OperatorCursor
{
    public static readonly OperatorParameter Parameter =
        new("after", typeof(string), "The value of 'next' in the answer with the previous page.");

    /// <summary>Returns a cursor as text. The value of the cursor must be a time or null.</summary>
    public static string Write(DocumentCursor cursor)
    {
        long? ticks = cursor.Value.Value is long microseconds
            ? DateTimeOffset.UnixEpoch.UtcTicks + (microseconds * TimeSpan.TicksPerMicrosecond)
            : null;
        return string.Create(CultureInfo.InvariantCulture, $"{ticks}~{cursor.Key}");
    }

    /// <summary>Returns the cursor in a text, or null if the text is null.</summary>
    /// <exception cref="MalformedMessageException">The text is not a cursor.</exception>
    public static DocumentCursor? Read(string? text)
    {
        if (text is null)
            return null;
        var end = text.IndexOf('~', StringComparison.Ordinal);
        if (end == 0)
            return new DocumentCursor(FieldValue.Null, text[1..]);
        return
            end > 0
            && long.TryParse(text.AsSpan(0, end), NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            && ticks <= DateTimeOffset.MaxValue.UtcTicks
            ? new DocumentCursor(
                (ticks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond, text[(end + 1)..])
            : throw OperatorRequest.Bad("after", "It must be the value of 'next' in an earlier answer.");
    }
}
