namespace Millrace;

/// <summary>The maximum sizes of events. Larger events are refused with <see cref="LimitExceededException"/>.</summary>
public sealed class EventLimits
{
    /// <summary>The largest allowed value of <see cref="MaxPayloadBytes"/>: 16 MiB.</summary>
    public const int LargestPayloadBytes = 16 * 1024 * 1024;

    /// <summary>Gets or sets the maximum size of a payload in bytes; from 1 to 16 MiB, 1 MiB by default.</summary>
    public int MaxPayloadBytes { get; set; } = 1024 * 1024;

    /// <summary>
    /// Gets or sets the maximum size of the metadata as JSON in bytes; from 256 to 1 MiB, 64 KiB by default.
    /// </summary>
    public int MaxMetadataBytes { get; set; } = 64 * 1024;

    /// <summary>
    /// Gets or sets the maximum number of events in one append; from 1 to 100,000, 10,000 by default.
    /// </summary>
    public int MaxEventsPerAppend { get; set; } = 10_000;

    /// <summary>
    /// Gets or sets the maximum size of the payloads and metadata of one append in bytes; from 1 KiB to 256 MiB, 64 MiB
    /// by default.
    /// </summary>
    public int MaxBytesPerAppend { get; set; } = 64 * 1024 * 1024;

    /// <summary>Gets or sets the maximum number of tags of an event; from 0 to 100, 20 by default.</summary>
    public int MaxTagsPerEvent { get; set; } = 20;

    internal EventLimits Copy() => (EventLimits)MemberwiseClone();

    internal IEnumerable<string> Problems()
    {
        if (MaxPayloadBytes is < 1 or > LargestPayloadBytes)
            yield return $"Limits:MaxPayloadBytes: must be from 1 to {LargestPayloadBytes:N0}, but is "
                + $"{MaxPayloadBytes:N0}.";
        if (MaxMetadataBytes is < 256 or > 1024 * 1024)
            yield return $"Limits:MaxMetadataBytes: must be from 256 to {1024 * 1024:N0}, but is "
                + $"{MaxMetadataBytes:N0}.";
        if (MaxEventsPerAppend is < 1 or > 100_000)
            yield return $"Limits:MaxEventsPerAppend: must be from 1 to 100,000, but is {MaxEventsPerAppend:N0}.";
        if (MaxBytesPerAppend is < 1024 or > 256 * 1024 * 1024)
            yield return $"Limits:MaxBytesPerAppend: must be from 1,024 to {256 * 1024 * 1024:N0}, but is "
                + $"{MaxBytesPerAppend:N0}.";
        if (MaxTagsPerEvent is < 0 or > 100)
            yield return $"Limits:MaxTagsPerEvent: must be from 0 to 100, but is {MaxTagsPerEvent:N0}.";
    }

    internal void CheckPayload(int bytes) =>
        Check("event payload (bytes)", bytes, MaxPayloadBytes, nameof(MaxPayloadBytes));

    internal void CheckMetadata(int bytes) =>
        Check("event metadata (bytes)", bytes, MaxMetadataBytes, nameof(MaxMetadataBytes));

    internal void CheckTags(int count) =>
        Check("number of tags of an event", count, MaxTagsPerEvent, nameof(MaxTagsPerEvent));

    internal void CheckAppend(int events, long bytes)
    {
        Check("number of events in an append", events, MaxEventsPerAppend, nameof(MaxEventsPerAppend));
        Check("size of an append (bytes)", bytes, MaxBytesPerAppend, nameof(MaxBytesPerAppend));
    }

    private static void Check(string quantity, long actual, long limit, string option)
    {
        if (actual > limit)
            throw new LimitExceededException(quantity, actual, limit, $"{nameof(EventLimits)}.{option}");
    }
}
