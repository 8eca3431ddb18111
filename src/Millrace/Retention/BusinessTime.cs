using System.Globalization;
using System.Text.Json;

namespace Millrace.Retention;

/// <summary>Reads a time from a member of an event.</summary>
internal static class BusinessTime
{
    /// <summary>
    /// The time of an event whose member cannot be read, for example because it is null, erased or encrypted. An
    /// earlier event does not replace it. Data with this time never expires.
    /// </summary>
    public static readonly DateTimeOffset Unreadable = DateTimeOffset.MaxValue;

    /// <summary>
    /// Returns the time of a member; null if the event does not have the member; <see cref="Unreadable"/> if it is not
    /// a time, or if the payload is not JSON.
    /// </summary>
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
                if (element.ValueKind != JsonValueKind.Object)
                    return Unreadable;
                if (!element.TryGetProperty(name, out element))
                    return null;
            }
            return element.ValueKind == JsonValueKind.String ? Parse(element.GetString()) : Unreadable;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return Unreadable; // Half of a surrogate pair causes the second kind of exception.
        }
    }

    private static DateTimeOffset Parse(string? text)
    {
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
            return new DateTimeOffset(date.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        return DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            && text is { Length: > 10 } && text[4] == '-' && text[10] == 'T'
            ? time
            : Unreadable;
    }
}
