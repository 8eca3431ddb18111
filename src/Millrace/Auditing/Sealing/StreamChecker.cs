using Millrace.Storage;

namespace Millrace.Auditing.Sealing;

/// <summary>
/// Checks that only recorded removals explain missing versions of streams, and hide events from their readers.
/// </summary>
/// <param name="findings">Receives the findings.</param>
/// <param name="before">The records of removals before the log was read.</param>
internal sealed class StreamChecker(FindingList findings, RemovalRecords before)
{
    private const int PageStreams = 1_000;

    private readonly Dictionary<StreamId, Versions> _versions = [];
    private readonly List<StreamInfo> _shorter = []; // Streams whose last versions were not found yet.
    private readonly List<StreamInfo> _hidden = []; // Streams that start at other versions than recorded before.

    /// <summary>Adds the next event of the log.</summary>
    public void Add(RecordedEvent recorded)
    {
        var (stream, version) = (recorded.Stream, recorded.Version);
        if (!_versions.TryGetValue(stream, out var seen))
        {
            _versions[stream] = new Versions(version, version, 0, 0);
            return;
        }
        if (version <= seen.Last)
        {
            findings.Add(
                SealFindingKind.StreamChanged,
                $"The event at position {recorded.Position} is version {version} of '{stream}', but an event before "
                    + $"it is version {seen.Last}.",
                recorded.Position);
            return;
        }
        if (version > seen.Last + 1)
            seen = seen with
            {
                GapFrom = seen.GapFrom == 0 ? seen.Last + 1 : seen.GapFrom,
                GapTo = version - 1,
            };
        _versions[stream] = seen with { Last = version };
    }

    /// <summary>Reads the list of streams.</summary>
    /// <remarks>
    /// Each event of the log increases the version of one stream, so that the sum of the versions is the last position.
    /// </remarks>
    public async ValueTask ReadList(ILogStorage log, CancellationToken cancellationToken)
    {
        var first = await log.GetHead(cancellationToken).ConfigureAwait(false);
        var sum = 0L;
        for (string? after = null; ;)
        {
            var page = await log.ListStreams("", after, PageStreams, cancellationToken).ConfigureAwait(false);
            foreach (var stream in page)
            {
                sum += stream.Version;
                if (stream.Version > LastOf(stream.Stream))
                    _shorter.Add(stream);
                if (stream.FirstVersion != before.FirstVersionOf(stream.Stream))
                    _hidden.Add(stream);
            }
            if (page.Count < PageStreams)
                break;
            after = page[^1].Stream.Value;
        }
        var head = await log.GetHead(cancellationToken).ConfigureAwait(false);
        if (sum < first.Position || sum > head.Position) // Other programs may append meanwhile.
            findings.Add(
                SealFindingKind.StreamChanged,
                $"The versions of all streams add up to {sum}, but the log ends at {head.Position}: a stream contains "
                    + "events at other positions, or its versions were changed.");
    }

    /// <summary>Reports the differences from the records. Streams can be truncated during the verification.</summary>
    /// <param name="after">The records of removals after the log and the list were read.</param>
    public void Finish(RemovalRecords after)
    {
        foreach (var (stream, seen) in _versions)
        {
            var removed = after.RemovedThrough(stream);
            ReportMissing(stream, removed + 1, seen.First - 1);
            if (seen.GapFrom > 0)
                ReportMissing(stream, Math.Max(removed + 1, seen.GapFrom), seen.GapTo);
        }
        foreach (var stream in _shorter)
        {
            var last = Math.Max(LastOf(stream.Stream), after.RemovedThrough(stream.Stream));
            ReportMissing(stream.Stream, last + 1, stream.Version);
        }
        foreach (var stream in _hidden)
        {
            var (least, most) = (before.FirstVersionOf(stream.Stream), after.FirstVersionOf(stream.Stream));
            if (stream.FirstVersion < least || stream.FirstVersion > most)
                findings.Add(
                    SealFindingKind.StreamChanged,
                    $"Readers of '{stream.Stream}' start with version {stream.FirstVersion}, but according to the "
                        + $"records of removals with version {most}.");
        }
    }

    private long LastOf(StreamId stream) => _versions.TryGetValue(stream, out var seen) ? seen.Last : 0;

    private void ReportMissing(StreamId stream, long first, long last)
    {
        if (first > last)
            return;
        var versions = first == last ? $"Version {first}" : $"One or more of the versions from {first} to {last}";
        findings.Add(
            SealFindingKind.EventMissing,
            $"{versions} of '{stream}' cannot be found in the log, and no record explains it.");
    }

    /// <summary>The found versions of a stream.</summary>
    /// <param name="First">The first version.</param>
    /// <param name="Last">The last version.</param>
    /// <param name="GapFrom">The first missing version after the first version; 0 if there is none.</param>
    /// <param name="GapTo">The last missing version before the last version.</param>
    private readonly record struct Versions(long First, long Last, long GapFrom, long GapTo);
}
