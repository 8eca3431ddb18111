namespace Millrace;

/// <summary>Those of one process that want one lock, in the order in which they came. Guarded by its <see cref="LockLines"/>.</summary>
internal sealed class LockLine(LockLines lines, TimeProvider time)
{
    /// <summary>How long the process has a lock again and again before others have their chance.</summary>
    private static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(1);

    private long _begun = time.GetTimestamp();
    private long _ended = time.GetTimestamp();
    private long _ownersSince = time.GetTimestamp();
    private string? _lastOwner;

    /// <summary>Whose turn it is; null when it is nobody's.</summary>
    public string? Owner { get; private set; }

    public LinkedList<LockPlace> Places { get; } = [];

    /// <summary>Whether nothing of it need be remembered: others had their chance.</summary>
    public bool IsOver => Owner is null && time.GetElapsedTime(_ended) >= LockPauses.ChanceAfter(time.GetElapsedTime(_ownersSince, _ended));

    /// <summary>It is somebody's turn.</summary>
    public LockTurn Begin(string owner)
    {
        if (IsOver)
            NoteChance();
        var isLate = time.GetElapsedTime(_begun) >= LongestRun;
        var chance = isLate ? LockPauses.ChanceAfter(time.GetElapsedTime(_ownersSince)) : TimeSpan.Zero;
        if (owner != _lastOwner)
            (_lastOwner, _ownersSince) = (owner, time.GetTimestamp());
        Owner = owner;
        return new LockTurn(lines, this, chance);
    }

    /// <summary>Other processes have their chance, or have had it.</summary>
    public void NoteChance() => _begun = time.GetTimestamp();

    /// <summary>It is nobody's turn.</summary>
    public void End() => (Owner, _ended) = (null, time.GetTimestamp());
}
