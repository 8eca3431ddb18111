namespace Millrace;

/// <summary>Looks at one event after the other and tells where the log does not go on as it must. Pure: it reads
/// nothing.</summary>
internal sealed class ContinuityCheck(int mostStreams)
{
    private readonly Dictionary<StreamId, long> _versions = [];
    private readonly List<VersionGap> _gaps = [];
    private (Guid Id, DateTimeOffset At)? _last;

    /// <summary>The last position that was looked at.</summary>
    public long Position { get; private set; }

    /// <summary>How many positions without an event were passed in this look, which must have been removed by
    /// record.</summary>
    public long Missing { get; private set; }

    /// <summary>The versions that streams were found to lack in this look.</summary>
    public IReadOnlyList<VersionGap> Gaps => _gaps;

    /// <summary>Begins anew behind a position of which nothing is known.</summary>
    public void StartAfter(long position)
    {
        (Position, _last) = (position, null);
        _versions.Clear();
        StartPass();
    }

    /// <summary>Begins to look, with nothing missing.</summary>
    public void StartPass()
    {
        Missing = 0;
        _gaps.Clear();
    }

    /// <summary>The last version of a stream that was looked at; null when none is remembered.</summary>
    public long? FindVersion(StreamId stream) => _versions.TryGetValue(stream, out var version) ? version : null;

    /// <summary>Looks at the last event again: it must still be the one that it was.</summary>
    /// <param name="recorded">The first event that now stands there or behind it; null when the log ends
    /// before.</param>
    /// <param name="head">The end of the log.</param>
    /// <returns>What is wrong; null when nothing is.</returns>
    public string? VerifyLast(RecordedEvent? recorded, long head)
    {
        if (_last is not { } last)
            return null;
        if (recorded is null)
        {
            return head >= Position
                ? null // It was removed, and nothing stands behind it.
                : $"The log ends at position {head}, but position {Position} stood in it.";
        }
        return recorded.Position == Position && recorded.Id != last.Id
            ? $"Position {Position} holds event {recorded.Id}, but held {last.Id} before."
            : null;
    }

    /// <summary>Looks at the next event.</summary>
    /// <param name="recorded">The event, as it stands in the storage.</param>
    /// <param name="handedOn">The event of that position as this node has it in memory; null when it has none.</param>
    /// <param name="problems">Where it is told what is wrong.</param>
    public void Next(RecordedEvent recorded, RecordedEvent? handedOn, List<string> problems)
    {
        var position = recorded.Position;
        if (position <= Position)
            problems.Add($"Position {position} came behind position {Position}.");
        else
            Missing += position - Position - 1;
        if (_last is { } last && recorded.Timestamp < last.At)
            problems.Add($"Position {position} was recorded before the event in front of it.");
        CheckVersion(recorded, problems);
        if (handedOn is not null
            && (
                handedOn.Id != recorded.Id || handedOn.Version != recorded.Version || handedOn.Stream != recorded.Stream
            )
        )
        {
            problems.Add(
                $"Position {position} holds event {recorded.Id}, version {recorded.Version} of its stream, but this "
                    + $"node handed on "
                + $"event {handedOn.Id}, version {handedOn.Version}.");
        }
        (Position, _last) = (Math.Max(Position, position), (recorded.Id, recorded.Timestamp));
    }

    private void CheckVersion(RecordedEvent recorded, List<string> problems)
    {
        if (_versions.TryGetValue(recorded.Stream, out var before))
        {
            if (recorded.Version <= before)
                problems.Add(
                    $"Position {recorded.Position} holds version {recorded.Version} of a stream that was at {before} "
                        + $"already."
                );
            else if (recorded.Version > before + 1)
                _gaps.Add(new VersionGap(recorded.Stream, before, recorded.Version, recorded.Position));
        }
        else
        {
            if (recorded.Version > 1)
                _gaps.Add(new VersionGap(recorded.Stream, null, recorded.Version, recorded.Position));
            if (_versions.Count >= mostStreams)
                _versions.Clear();
        }
        _versions[recorded.Stream] = recorded.Version;
    }
}
