using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using Millrace.Events;

namespace Millrace.Tenancy.Moves;

/// <summary>
/// Translates the position of another event that an event of a process contains, which the copy of the event must
/// contain for the new log.
/// </summary>
/// <remarks>
/// An event that the former log does not contain any more gets a negative position, which no event has.
/// </remarks>
internal static class StoredNotePosition
{
    private static ReadOnlySpan<byte> Name => "position"u8;

    /// <summary>Returns the position that an event contains; null if it contains none.</summary>
    /// <exception cref="TenantMoveException">The event cannot be read.</exception>
    public static long? Find(TenantId tenant, RecordedEvent recorded) =>
        Locate(tenant, recorded) is var (start, length)
            ? long.Parse(
                recorded.Payload.Span.Slice(start, length),
                NumberStyles.AllowLeadingSign,
                CultureInfo.InvariantCulture)
            : null;

    /// <summary>Returns the payload of an event with another position.</summary>
    public static ReadOnlyMemory<byte> Replace(TenantId tenant, RecordedEvent recorded, long position)
    {
        if (Locate(tenant, recorded) is not var (start, length))
            return recorded.Payload;
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(position, digits, out var written); // Every number fits.
        var payload = recorded.Payload.Span;
        return (byte[])[.. payload[..start], .. digits[..written], .. payload[(start + length)..]];
    }

    /// <summary>Returns the position that a copy contains, for one that its event contains.</summary>
    /// <param name="position">The position in the former log.</param>
    /// <param name="copy">The position of the copied event; null if the former log does not contain the event any
    /// more.</param>
    public static long Translate(long position, long? copy) => copy ?? -Math.Abs(position);

    private static (int Start, int Length)? Locate(TenantId tenant, RecordedEvent recorded)
    {
        if (!ProcessEvents.Contains(recorded.Type))
            return null;
        if (recorded.EncryptionKeyId is not null)
            throw Unreadable(tenant, recorded);
        var reader = new Utf8JsonReader(recorded.Payload.Span);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
                    continue;
                var isPosition = reader.ValueTextEquals(Name);
                reader.Read();
                if (isPosition && reader.TokenType == JsonTokenType.Number)
                    return ((int)reader.TokenStartIndex, reader.ValueSpan.Length);
                reader.Skip();
            }
        }
        catch (JsonException)
        {
            throw Unreadable(tenant, recorded);
        }
        return null;
    }

    private static TenantMoveException Unreadable(TenantId tenant, RecordedEvent recorded) => new(
        tenant.Value,
        $"the event '{recorded.Type}' at position {recorded.Position} is not stored as plain JSON, so that the "
            + "position which it contains cannot be translated.");
}
