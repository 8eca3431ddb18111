using Millrace.Events;
using Millrace.Storage;

namespace Millrace.Store;

/// <summary>
/// Refuses changes of streams that only Millrace may change: an application could otherwise forge rights, declare other
/// marked members or other content of reports, forge seals and audit entries, or have keys destroyed.
/// </summary>
internal static class ReservedStreams
{
    private const string Reason = "it is reserved for Millrace, which alone changes rights and declarations";
    private const string ErasureReason = "it is reserved for erasures";
    private const string RetentionReason = "it is reserved for retention";
    private const string SealReason = "it is reserved for Millrace, which alone records seals and audit entries";

    /// <summary>The prefix of the streams that fence the tenants which move to another shard.</summary>
    public const string TenantFencePrefix = "$tenant-fences/";

    private static readonly StreamId Audit = new("$audit");
    private static readonly StreamId Seals = new("$seals");
    private static readonly StreamId Access = new("$access");
    private static readonly StreamId Protection = new("$protection");
    private static readonly StreamId Reports = new("$reports");
    private static readonly StreamId Keys = new("$keys");
    private static readonly StreamId Configuration = new("$configuration");
    private static readonly StreamId Reencryption = new("$reencryption");
    private static readonly StreamId Claims = new("$claims");
    private static readonly StreamId Shards = new("$shards");

    /// <summary>Checks the stream of an append of the application.</summary>
    /// <exception cref="InvalidNameException">The stream is reserved.</exception>
    public static void CheckStream(StreamId stream)
    {
        if ((stream == Audit || stream == Seals ? SealReason : ReasonOf(stream)) is { } reason)
            throw new InvalidNameException("stream name", stream.Value, reason);
    }

    /// <summary>Checks the types of an append of the application.</summary>
    /// <exception cref="InvalidNameException">An event has a reserved type.</exception>
    public static void CheckTypes(EncodedEvent[] events)
    {
        foreach (var encoded in events)
        {
            if (ReasonOf(encoded.Type) is { } reason)
                throw new InvalidNameException("event type", encoded.Type, reason);
        }
    }

    /// <summary>
    /// Returns a removal with a reason and an expected version, whose stream is not reserved. The audit trail, the
    /// seals and the histories of alerts and recoveries can be truncated.
    /// </summary>
    /// <exception cref="InvalidNameException">The stream is reserved.</exception>
    public static StreamRemoval Checked(StreamRemoval removal) =>
        ReasonOf(removal.Stream) is { } reason
        && !(removal.Kind == RemovalKind.Truncate
            && (removal.Stream == AlertEvents.Stream || removal.Stream == RecoveryEvents.Stream))
        ? throw new InvalidNameException("stream name", removal.Stream.Value, reason)
        : removal.Checked();

    /// <summary>Returns the reason why a stream must not be changed or removed; null if there is none.</summary>
    private static string? ReasonOf(StreamId stream) =>
        stream == Access || stream == Protection || stream == Reports || stream == Keys
            || stream == Configuration || stream == Reencryption || stream == Claims || stream == Shards
            || stream == AlertEvents.Stream || stream == AlertEvents.RuleStream || stream == RecoveryEvents.Stream
            || stream.Value.StartsWith(TenantFencePrefix, StringComparison.Ordinal) ? Reason
        : ErasureEvents.IsStream(stream.Value) ? ErasureReason
        : RetentionEvents.IsStream(stream.Value) ? RetentionReason
        : null;

    private static string? ReasonOf(string type) =>
        IsReserved(type) || AlertEvents.Contains(type) || RecoveryEvents.Contains(type) ? Reason
        : ErasureEvents.Contains(type) ? ErasureReason
        : RetentionEvents.Contains(type) ? RetentionReason
        : null;

    private static bool IsReserved(string type) =>
        type
            is PlatformEvents.AccessGranted
                or PlatformEvents.AccessRevoked
                or PlatformEvents.AccessDeclared
                or PlatformEvents.ProtectionDeclared
                or PlatformEvents.ReportsDeclared
                or PlatformEvents.DeadlineExtended
                or PlatformEvents.KeyLost
                or PlatformEvents.ConfigurationRecorded
                or PlatformEvents.ReencryptionStarted
                or PlatformEvents.ReencryptionAdvanced
                or PlatformEvents.ReencryptionCompleted
                or PlatformEvents.ClaimProtectionStarted
                or PlatformEvents.ClaimProtectionCompleted
                or PlatformEvents.ShardMapRaised
                or PlatformEvents.TenantDraining
                or PlatformEvents.TenantFenced
                or PlatformEvents.TenantReleased
                or PlatformEvents.TenantMoved;
}
