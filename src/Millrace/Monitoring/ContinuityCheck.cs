namespace Millrace.Monitoring;

/// <summary>
/// Checks the events of the log one after another, and finds breaks in the continuity of the log. This class has no
/// side effects and reads nothing from the storage.
/// </summary>
internal sealed class ContinuityCheck(int maxStreams)
{
    private readonly Dictionary<StreamId, long> _versions = [];
    private readonly List<VersionGap> _gaps = [];
    private (Guid Id, DateTimeOffset At)? _last;

    /// <summary>Gets the last position that was checked.</summary>
    public long Position { get; private set; }

    /// <summary>
    /// Gets the number of positions without an event in this pass. Each of these positions must have a removal record.
    /// </summary>
    public long Missing { get; private set; }

    /// <summary>Gets the missing versions of streams in this pass.</summary>
    public IReadOnlyList<VersionGap> Gaps => _gaps;

    /// <summary>Restarts the check after a position, and forgets all earlier events.</summary>
    public void StartAfter(long position)
    {
        Position = position;
        _last = null;
        _versions.Clear();
        StartPass();
    }

    /// <summary>Starts a pass, with no missing positions and versions.</summary>
    public void StartPass()
    {
        Missing = 0;
        _gaps.Clear();
    }

    /// <summary>Returns the last checked version of a stream; null if it is unknown.</summary>
    public long? FindVersion(StreamId stream) => _versions.TryGetValue(stream, out var version) ? version : null;

    /// <summary>Checks the last event again. The event must not have changed.</summary>
    /// <param name="recorded">The first event that the log now contains at or after the position; null if the log ends
    /// before the position.</param>
    /// <param name="head">The end of the log.</param>
    /// <returns>The problem; null if no problem was found.</returns>
    public string? VerifyLast(RecordedEvent? recorded, long head)
    {
        if (_last is not { } last)
            return null;
        if (recorded is null)
        {
            return head >= Position
                ? null // The last event was removed, and there is no later event.
                : $"The log ends at position {head}, but it contained position {Position}.";
        }
        return recorded.Position == Position && recorded.Id != last.Id
            ? $"Position {Position} contains event {recorded.Id}, but contained {last.Id} before."
            : null;
    }

    /// <summary>Checks the next event.</summary>
    /// <param name="recorded">The event in the storage.</param>
    /// <param name="delivered">The event at the same position in this node's memory; null if the node has no such
    /// event.</param>
    /// <param name="problems">The list to which problems are added.</param>
    public void Next(RecordedEvent recorded, RecordedEvent? delivered, List<string> problems)
    {
        var position = recorded.Position;
        if (position <= Position)
            problems.Add($"Position {position} was read after position {Position}.");
        else
            Missing += position - Position - 1;
        if (_last is { } last && recorded.Timestamp < last.At)
            problems.Add($"Position {position} has an earlier timestamp than the event before it.");
        CheckVersion(recorded, problems);
        if (delivered is not null
            && (
                delivered.Id != recorded.Id
                || delivered.Version != recorded.Version
                || delivered.Stream != recorded.Stream
            )
        )
        {
            problems.Add(
                $"Position {position} contains event {recorded.Id}, version {recorded.Version} of its stream, but this "
                    + $"node delivered event {delivered.Id}, version {delivered.Version}.");
        }
        Position = Math.Max(Position, position);
        _last = (recorded.Id, recorded.Timestamp);
    }

    private void CheckVersion(RecordedEvent recorded, List<string> problems)
    {
        if (_versions.TryGetValue(recorded.Stream, out var lastVersion))
        {
            if (recorded.Version <= lastVersion)
                problems.Add(
                    $"Position {recorded.Position} contains version {recorded.Version} of a stream that was already "
                        + $"at {lastVersion}."
                );
            else if (recorded.Version > lastVersion + 1)
                _gaps.Add(new VersionGap(recorded.Stream, lastVersion, recorded.Version, recorded.Position));
        }
        else
        {
            if (recorded.Version > 1)
                _gaps.Add(new VersionGap(recorded.Stream, null, recorded.Version, recorded.Position));
            if (_versions.Count >= maxStreams)
                _versions.Clear();
        }
        _versions[recorded.Stream] = recorded.Version;
    }
}
