namespace Millrace.PostgreSql.Log;

/// <summary>
/// Tracks whether this is the only listening node, as far as it knows: a check has found no other listener, and no
/// notification of another node has arrived since the check started. Notifications may arrive on another thread than
/// the one that checks, also between the query and its evaluation.
/// </summary>
internal sealed class SoleNodeTracker
{
    private const long Never = -1;

    private long _notificationCount; // Notifications of other nodes.
    private long _soleAt = Never;

    public bool IsAlone => Interlocked.Read(ref _soleAt) == Interlocked.Read(ref _notificationCount);

    /// <summary>
    /// Marks the state as unknown: another node sent a notification, or notifications cannot be received any more.
    /// </summary>
    public void ReportOtherNode() => Interlocked.Increment(ref _notificationCount);

    /// <summary>Starts a check.</summary>
    /// <returns>The argument for <see cref="CompleteCheck"/>.</returns>
    public long StartCheck() => Interlocked.Read(ref _notificationCount);

    /// <summary>
    /// Records the result of a check. A notification that arrived since its start invalidates the result.
    /// </summary>
    public void CompleteCheck(long check, bool isAlone) =>
        Interlocked.Exchange(ref _soleAt, isAlone ? check : Never);
}
