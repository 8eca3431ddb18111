using System.Globalization;
using Millrace.Storage;

namespace Millrace.AspNetCore;

/// <summary>The end of a page of documents in the order of a time, as a text for the next request.</summary>
internal static class OperatorCursor
{
    public static readonly OperatorParameter Parameter =
        new("after", typeof(string), "The 'next' of the previous page.");

    /// <summary>Returns a cursor, whose value is a time or null, as text.</summary>
    public static string Write(DocumentCursor cursor)
    {
        long? ticks = cursor.Value.Value is long microseconds
            ? DateTimeOffset.UnixEpoch.UtcTicks + (microseconds * TimeSpan.TicksPerMicrosecond)
            : null;
        return string.Create(CultureInfo.InvariantCulture, $"{ticks}~{cursor.Key}");
    }

    /// <summary>Returns the cursor; null if none is given.</summary>
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
            : throw OperatorRequest.Bad("after", "It must be the 'next' of an answer.");
    }
}
