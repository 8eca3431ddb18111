using System.Globalization;
using System.Text;
using Millrace.Storage;

namespace Millrace.Tenancy.Shared;

/// <summary>
/// The time at which an event was recorded first, at the end of the metadata of an event that a move of a tenant has
/// copied. Times never decrease in a log, so that the copy has the time of the copy.
/// </summary>
internal static class FirstRecordedTime
{
    private const int Digits = 17;

    private static readonly byte[] Name = "\"$recordedAt\":\""u8.ToArray();
    private static readonly byte[] End = "\"}"u8.ToArray();

    private static int MemberBytes => Name.Length + Digits + End.Length;

    /// <summary>Returns the metadata with the time of the event, unless it already contains an earlier one.</summary>
    public static ReadOnlyMemory<byte> AddTo(RecordedEvent stored)
    {
        if (IsIn(stored.MetadataBytes.Span))
            return stored.MetadataBytes;
        var micros = (stored.Timestamp - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        var isEmpty = stored.MetadataBytes.Length <= 2; // No metadata, or an empty object.
        var kept = isEmpty ? "{"u8 : stored.MetadataBytes.Span[..^1];
        var joined = new List<byte>(kept.Length + MemberBytes + 1);
        joined.AddRange(kept);
        if (!isEmpty)
            joined.Add((byte)',');
        joined.AddRange(Name);
        joined.AddRange(Encoding.ASCII.GetBytes(micros.ToString("D17", CultureInfo.InvariantCulture)));
        joined.AddRange(End);
        return joined.ToArray();
    }

    /// <summary>Returns the event with its first time and its first metadata.</summary>
    public static RecordedEvent Restore(RecordedEvent stored)
    {
        var metadata = stored.MetadataBytes;
        if (!IsIn(metadata.Span))
            return stored;
        var start = metadata.Length - MemberBytes;
        var digits = metadata.Span.Slice(start + Name.Length, Digits);
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var micros))
            throw new StorageException(
                $"The event at position {stored.Position} has no valid time of its first record.",
                StorageProblem.Damaged);
        ReadOnlyMemory<byte> kept = start <= 1 ? default : (byte[])[.. metadata.Span[..(start - 1)], (byte)'}'];
        return stored.RecordedFirst(DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond), kept);
    }

    private static bool IsIn(ReadOnlySpan<byte> metadata) =>
        metadata.Length >= MemberBytes + 1
        && metadata[^MemberBytes..].StartsWith(Name)
        && metadata.EndsWith(End);
}
