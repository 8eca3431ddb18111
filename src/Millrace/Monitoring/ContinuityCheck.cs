namespace Millrace;

/// <summary>
/// Checks one event after the other, and finds breaks in the continuity of the log. A pure computation without reads.
/// </summary>
internal sealed class ContinuityCheck(int maxStreams)
{
    private readonly Dictionary<StreamId, long> _versions = [];
    private readonly List<VersionGap> _gaps = [];
    private (Guid Id, DateTimeOffset At)? _last;

    /// <summary>The last position that was checked.</summary>
    public long Position { get; private set; }

    /// <summary>
    /// The number of positions without an event in this pass. There must be removal records for them.
    /// </summary>
    public long Missing { get; private set; }

    /// <summary>The missing versions of streams in this pass.</summary>
    public IReadOnlyList<VersionGap> Gaps => _gaps;

    /// <summary>Restarts after a position, without knowledge of earlier events.</summary>
    public void StartAfter(long position)
    {
        Position = position;
        _last = null;
        _versions.Clear();
        StartPass();
    }

    /// <summary>Starts a pass, with nothing missing.</summary>
    public void StartPass()
    {
        Missing = 0;
        _gaps.Clear();
    }

    /// <summary>Returns the last checked version of a stream; null when it is not remembered.</summary>
    public long? FindVersion(StreamId stream) => _versions.TryGetValue(stream, out var version) ? version : null;

    /// <summary>Checks the last event again: it must be unchanged.</summary>
    /// <param name="recorded">The first event at or after the position now; null when the log ends before it.</param>
    /// <param name="head">The end of the log.</param>
    /// <returns>The problem; null when there is none.</returns>
    public string? VerifyLast(RecordedEvent? recorded, long head)
    {
        if (_last is not { } last)
            return null;
        if (recorded is null)
        {
            return head >= Position
                ? null // It was removed, and there is no event after it.
                : $"The log ends at position {head}, but it contained position {Position}.";
        }
        return recorded.Position == Position && recorded.Id != last.Id
            ? $"Position {Position} contains event {recorded.Id}, but contained {last.Id} before."
            : null;
    }

    /// <summary>Checks the next event.</summary>
    /// <param name="recorded">The event in the storage.</param>
    /// <param name="delivered">The event of that position in this node's memory; null when there is none.</param>
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
        if (_versions.TryGetValue(recorded.Stream, out var before))
        {
            if (recorded.Version <= before)
                problems.Add(
                    $"Position {recorded.Position} contains version {recorded.Version} of a stream that was already "
                        + $"at {before}."
                );
            else if (recorded.Version > before + 1)
                _gaps.Add(new VersionGap(recorded.Stream, before, recorded.Version, recorded.Position));
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
