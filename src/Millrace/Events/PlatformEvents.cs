namespace Millrace.Events;

/// <summary>
/// The stored names of the events that Millrace itself writes. Applications do not have to register them.
/// </summary>
internal static class PlatformEvents
{
    /// <summary>A user decided about dead letters.</summary>
    public const string DeadLettersDecided = "dead-letters.decided";

    /// <summary>A receiver could not handle a message, or a message waits for such a message.</summary>
    public const string MessageHeld = "messages.held";

    /// <summary>A timer, which sends a command at its due time, was set or replaced.</summary>
    public const string TimerSet = "timers.set";

    /// <summary>The due time of a timer was changed.</summary>
    public const string TimerMoved = "timers.moved";

    /// <summary>The command or the due time of a timer was changed.</summary>
    public const string TimerEdited = "timers.edited";

    /// <summary>A timer was cancelled.</summary>
    public const string TimerCancelled = "timers.cancelled";

    /// <summary>A timer's command was handled.</summary>
    public const string TimerFired = "timers.fired";

    /// <summary>A timer's command was refused permanently and is not sent again.</summary>
    public const string TimerRefused = "timers.refused";

    /// <summary>A timer's command failed too often and waits for an operator.</summary>
    public const string TimerHeld = "timers.held";

    /// <summary>A schedule was defined, or its recurrence changed.</summary>
    public const string ScheduleDefined = "schedules.defined";

    /// <summary>A schedule ran for a scheduled time.</summary>
    public const string ScheduleRun = "schedules.run";

    /// <summary>A scheduled time was skipped because no node was running.</summary>
    public const string SchedulePassed = "schedules.passed-over";

    /// <summary>A schedule failed to run for a scheduled time.</summary>
    public const string ScheduleFailed = "schedules.failed";

    /// <summary>A schedule was paused.</summary>
    public const string SchedulePaused = "schedules.paused";

    /// <summary>A schedule was resumed.</summary>
    public const string ScheduleResumed = "schedules.resumed";

    /// <summary>An immediate run of a schedule was requested.</summary>
    public const string ScheduleAsked = "schedules.asked";

    /// <summary>
    /// A newer map of the shards is used, so that nodes with an older map must not place new streams.
    /// </summary>
    public const string ShardMapRaised = "shards.map-raised";

    /// <summary>The consumers of a tenant that moves to another shard must stop.</summary>
    public const string TenantDraining = "shards.tenant-draining";

    /// <summary>No commit of a tenant that moves to another shard is accepted.</summary>
    public const string TenantFenced = "shards.tenant-fenced";

    /// <summary>Commits of a tenant are accepted again, because its move was cancelled or interrupted.</summary>
    public const string TenantReleased = "shards.tenant-released";

    /// <summary>The tenant has moved to another shard.</summary>
    public const string TenantMoved = "shards.tenant-moved";

    /// <summary>An operator started a new epoch of the log.</summary>
    public const string LogEpochBegun = "log-epochs.begun";

    /// <summary>A schedule was added at run time.</summary>
    public const string ScheduleAdded = "schedules.added";

    /// <summary>An operator changed a schedule from its definition in code.</summary>
    public const string ScheduleEdited = "schedules.edited";

    /// <summary>A schedule was removed.</summary>
    public const string ScheduleRemoved = "schedules.removed";

    /// <summary>A removed schedule was restored.</summary>
    public const string ScheduleRestored = "schedules.restored";

    /// <summary>A schedule was reset to its definition in code.</summary>
    public const string ScheduleReset = "schedules.reset";

    /// <summary>An application declared its marked members and its key store.</summary>
    public const string ProtectionDeclared = "protection.declared";

    /// <summary>A data key was declared lost.</summary>
    public const string KeyLost = "keys.lost";

    /// <summary>A re-encryption of stored values was started.</summary>
    public const string ReencryptionStarted = "keys.reencryption-started";

    /// <summary>A re-encryption of stored values reached a document.</summary>
    public const string ReencryptionAdvanced = "keys.reencryption-advanced";

    /// <summary>A re-encryption of stored values ended.</summary>
    public const string ReencryptionCompleted = "keys.reencryption-completed";

    /// <summary>The replacement of plain claims by hashes was started or continued.</summary>
    public const string ClaimProtectionStarted = "keys.claim-protection-started";

    /// <summary>The replacement of plain claims by hashes ended.</summary>
    public const string ClaimProtectionCompleted = "keys.claim-protection-completed";

    /// <summary>The log was sealed up to a position.</summary>
    public const string SealMade = "seals.made";

    /// <summary>An action was recorded in the audit trail.</summary>
    public const string AuditRecorded = "audit.recorded";

    /// <summary>The settings that matter for trust were recorded.</summary>
    public const string ConfigurationRecorded = "configuration.recorded";

    /// <summary>A right was granted to a user or a role.</summary>
    public const string AccessGranted = "access.granted";

    /// <summary>A granted right was revoked.</summary>
    public const string AccessRevoked = "access.revoked";

    /// <summary>An application started with other roles than before.</summary>
    public const string AccessDeclared = "access.declared";

    /// <summary>An application declared what its reports contain.</summary>
    public const string ReportsDeclared = "reports.declared";

    /// <summary>The deadline of a request of a data subject was extended.</summary>
    public const string DeadlineExtended = "reports.deadline-extended";

    /// <summary>Returns whether a name is a name of this class.</summary>
    public static bool Contains(string type) =>
        type
            is DeadLettersDecided
                or MessageHeld
                or ProtectionDeclared
                or KeyLost
                or ReencryptionStarted
                or ReencryptionAdvanced
                or ReencryptionCompleted
                or ClaimProtectionStarted
                or ClaimProtectionCompleted
                or LogEpochBegun
                or ShardMapRaised
                or TenantDraining
                or TenantFenced
                or TenantReleased
                or TenantMoved
                or TimerSet
                or TimerMoved
                or TimerEdited
                or TimerCancelled
                or TimerFired
                or TimerRefused
                or TimerHeld
                or ScheduleDefined
                or ScheduleRun
                or SchedulePassed
                or ScheduleFailed
                or SchedulePaused
                or ScheduleResumed
                or ScheduleAsked
                or ScheduleAdded
                or ScheduleEdited
                or ScheduleRemoved
                or ScheduleRestored
                or ScheduleReset
                or SealMade
                or AuditRecorded
                or ConfigurationRecorded
                or AccessGranted
                or AccessRevoked
                or AccessDeclared
                or ReportsDeclared
                or DeadlineExtended
        || ErasureEvents.Contains(type)
        || RetentionEvents.Contains(type)
        || AlertEvents.Contains(type)
        || RecoveryEvents.Contains(type)
        || ProcessEvents.Contains(type);

    /// <summary>
    /// Returns whether a name is reserved for the platform. Names with the prefixes of timers, schedules and processes
    /// are reserved for later versions.
    /// </summary>
    public static bool IsReserved(string type) =>
        type is DeadLettersDecided or MessageHeld or LogEpochBegun or ProtectionDeclared or SealMade or AuditRecorded
            or AccessGranted or AccessRevoked or AccessDeclared or ReportsDeclared or DeadlineExtended or KeyLost
            or ConfigurationRecorded
            or ReencryptionStarted or ReencryptionAdvanced or ReencryptionCompleted
            or ClaimProtectionStarted or ClaimProtectionCompleted or ShardMapRaised
            or TenantDraining or TenantFenced or TenantReleased or TenantMoved
        || ErasureEvents.Contains(type)
        || RetentionEvents.Contains(type)
        || AlertEvents.Contains(type)
        || RecoveryEvents.Contains(type)
        || type.StartsWith("timers.", StringComparison.Ordinal)
        || type.StartsWith("schedules.", StringComparison.Ordinal)
        || type.StartsWith("processes.", StringComparison.Ordinal);
}
