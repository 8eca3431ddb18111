using System.Globalization;
using System.Text.Json;

namespace Millrace.Retention;

/// <summary>Reads a time from a member of an event.</summary>
internal static class BusinessTime
{
    /// <summary>Returns the time of a member; null if it is missing or not a time.</summary>
    /// <param name="payload">The payload as JSON.</param>
    /// <param name="pointer">The JSON pointer of the member.</param>
    public static DateTimeOffset? Find(ReadOnlyMemory<byte> payload, string pointer)
    {
        try
        {
            using var document = JsonDocument.Parse(payload);
            var element = document.RootElement;
            foreach (var part in pointer.Split('/').Skip(1))
            {
                var name = part.Replace("~1", "/", StringComparison.Ordinal)
                    .Replace("~0", "~", StringComparison.Ordinal);
                if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
                    return null;
            }
            return element.ValueKind == JsonValueKind.String ? Parse(element.GetString()) : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null; // Half of a surrogate pair causes the second kind of exception.
        }
    }

    private static DateTimeOffset? Parse(string? text)
    {
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
            return new DateTimeOffset(date.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        return DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            && text is { Length: > 10 } && text[4] == '-' && text[10] == 'T'
            ? time
            : null;
    }
}
