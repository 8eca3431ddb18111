namespace Millrace.PostgreSql;

/// <summary>
/// Whether nobody but this node listens, as far as it knows: so a look has shown, and nobody was heard since it began.
/// Who listens may be heard by another thread than the one that looks, also between what it sees and what it makes of
/// it.
/// </summary>
internal sealed class SoleNodeTracker
{
    private const long Never = -1;

    private long _notificationCount; // How often somebody else was.
    private long _soleAt = Never;

    public bool Holds => Interlocked.Read(ref _soleAt) == Interlocked.Read(ref _notificationCount);

    /// <summary>Ends it: somebody was heard, or nobody can be heard any more.</summary>
    public void End() => Interlocked.Increment(ref _notificationCount);

    /// <summary>Begins to look.</summary>
    /// <returns>What to end the look with.</returns>
    public long StartCheck() => Interlocked.Read(ref _notificationCount);

    /// <summary>Notes what was seen; somebody who was heard meanwhile came after it.</summary>
    public void CompleteCheck(long begun, bool isAlone) => Interlocked.Exchange(ref _soleAt, isAlone ? begun : Never);
}
