using Millrace.Events;
using Millrace.Storage;

namespace Millrace.Store;

/// <summary>
/// Refuses changes of streams that only Millrace may change: an application could otherwise forge rights, declare other
/// marked members or other content of reports, or have keys destroyed.
/// </summary>
/// <param name="request">The request to check.</param>
internal readonly struct ReservedStreams(AppendRequest request)
{
    private const string Reason = "it is reserved for Millrace, which alone changes rights and declarations";
    private const string ErasureReason = "it is reserved for erasures";
    private const string RetentionReason = "it is reserved for retention";
    private const string SealReason = "it is reserved for Millrace, which alone records seals and audit entries";

    private static readonly StreamId Audit = new("$audit");
    private static readonly StreamId Seals = new("$seals");
    private static readonly StreamId Access = new("$access");
    private static readonly StreamId Protection = new("$protection");
    private static readonly StreamId Reports = new("$reports");
    private static readonly StreamId Keys = new("$keys");

    private readonly bool _mayCopy = request.CopiesReservedEvents;
    private readonly bool _mayErase = request.IsOfErasures || request.CopiesReservedEvents;
    private readonly bool _mayRetain = request.IsOfRetention || request.CopiesReservedEvents;

    /// <exception cref="InvalidNameException">The stream contains the audit trail or the seals.</exception>
    public static void CheckNotSealed(StreamId stream)
    {
        if (stream == Audit || stream == Seals)
            throw new InvalidNameException("stream name", stream.Value, SealReason);
    }

    /// <exception cref="InvalidNameException">The stream is reserved.</exception>
    public void CheckStream(StreamId stream)
    {
        if (!_mayCopy && IsReserved(stream))
            throw new InvalidNameException("stream name", stream.Value, Reason);
        if (!_mayErase && ErasureEvents.IsStream(stream.Value))
            throw new InvalidNameException("stream name", stream.Value, ErasureReason);
        if (!_mayRetain && RetentionEvents.IsStream(stream.Value))
            throw new InvalidNameException("stream name", stream.Value, RetentionReason);
    }

    /// <exception cref="InvalidNameException">An event has a reserved type.</exception>
    public void CheckTypes(EncodedEvent[] events)
    {
        foreach (var encoded in events)
        {
            if (!_mayCopy && IsReserved(encoded.Type))
                throw new InvalidNameException("event type", encoded.Type, Reason);
            if (!_mayErase && ErasureEvents.Contains(encoded.Type))
                throw new InvalidNameException("event type", encoded.Type, ErasureReason);
            if (!_mayRetain && RetentionEvents.Contains(encoded.Type))
                throw new InvalidNameException("event type", encoded.Type, RetentionReason);
        }
    }

    /// <summary>Returns a removal with a reason and an expected version, whose stream is not reserved.</summary>
    /// <exception cref="InvalidNameException">The stream is reserved.</exception>
    public static StreamRemoval Checked(StreamRemoval removal)
    {
        var stream = removal.Stream;
        var reason = IsReserved(stream) ? Reason
            : ErasureEvents.IsStream(stream.Value) ? ErasureReason
            : RetentionEvents.IsStream(stream.Value) ? RetentionReason
            : null;
        return reason is null ? removal.Checked() : throw new InvalidNameException("stream name", stream.Value, reason);
    }

    private static bool IsReserved(StreamId stream) =>
        stream == Access || stream == Protection || stream == Reports || stream == Keys;

    private static bool IsReserved(string type) =>
        type
            is PlatformEvents.AccessGranted
                or PlatformEvents.AccessRevoked
                or PlatformEvents.AccessDeclared
                or PlatformEvents.ProtectionDeclared
                or PlatformEvents.ReportsDeclared
                or PlatformEvents.DeadlineExtended
                or PlatformEvents.KeyLost;
}
