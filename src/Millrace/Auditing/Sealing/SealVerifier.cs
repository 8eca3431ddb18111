using System.Globalization;
using Millrace.Storage;

namespace Millrace.Auditing.Sealing;

/// <summary>Compares a log with the stored hashes, the seals, the records of removals and the anchors.</summary>
internal sealed class SealVerifier(
    EventStore store, SealEvidence evidence, IProgress<MaintenanceProgress>? progress)
{
    private const int EventsPerStep = 4_096;
    private const int MaxShownRanges = 20;
    private const int PageStreams = 1_000;

    private readonly FindingList _findings = new();
    private readonly List<(long First, long Last)> _missing = []; // Ranges of positions.
    private long _events;
    private long _missingCount;

    public async Task<SealReport> Run(CancellationToken cancellationToken)
    {
        var log = store.StoredLog;
        var documents = store.Storage.Documents;
        if (!await SealStore.Exists(documents, cancellationToken).ConfigureAwait(false))
            documents = null;
        var keys = evidence.KeyFiles.Select(SealSigner.LoadPublic).ToList();
        var head = (await log.GetHead(cancellationToken).ConfigureAwait(false)).Position;
        var removals = await RemovalRecords.Read(log, cancellationToken).ConfigureAwait(false);
        var chain = new SealChain(_findings, removals, keys);
        await chain.Read(log, head, cancellationToken).ConfigureAwait(false);
        var anchors = new AnchorChecker(_findings, chain, head);
        foreach (var file in evidence.AnchorFiles)
            await anchors.Read(file, cancellationToken).ConfigureAwait(false);

        var size = chain.Last?.Size ?? 0;
        var tiles = new TileChecker(documents, _findings, size);
        var roots = chain.Entries
            .Select(entry => new SealedRoot(entry.Size, entry.Root, $"Seal {entry.Number}"))
            .Concat(anchors.Roots)
            .OrderBy(root => root.Size)
            .ToList();
        await Scan(log, new LogScan(_findings, tiles, roots), removals, head, cancellationToken).ConfigureAwait(false);
        ReportMissing(removals);
        await CheckStreams(log, removals, cancellationToken).ConfigureAwait(false);
        await tiles.CheckCount(cancellationToken).ConfigureAwait(false);
        await CheckState(documents, chain, cancellationToken).ConfigureAwait(false);
        return new SealReport
        {
            Head = head,
            Events = _events,
            RemovedEvents = removals.Events,
            Seals = chain.Entries.Count,
            SealedThrough = size,
            Anchors = anchors.Count,
            AnchoredThrough = anchors.Through,
            Keys = [.. chain.Keys.Keys.Select(key => key.ToString())],
            FindingCount = _findings.Count,
            Findings = _findings.Kept,
        };
    }

    private async ValueTask Scan(
        ILogStorage log, LogScan scan, RemovalRecords removals, long head, CancellationToken cancellationToken)
    {
        var next = 1L;
        await foreach (var item in new RobustReader(log).Read(EventFilter.All, head, cancellationToken)
            .ConfigureAwait(false))
        {
            await AddMissing(scan, next, item.Position - 1, cancellationToken).ConfigureAwait(false);
            next = item.Position + 1;
            if (item.Event is { } recorded)
            {
                await scan.Add(recorded, cancellationToken).ConfigureAwait(false);
                CheckNotRemoved(recorded, removals);
            }
            else
            {
                _findings.Add(
                    SealFindingKind.EventUnreadable,
                    $"The event at position {item.Position} cannot be read: {item.Problem}",
                    item.Position);
                await scan.AddMissing(item.Position, cancellationToken).ConfigureAwait(false);
            }
            if (++_events % EventsPerStep == 0)
                progress?.Report(new MaintenanceProgress(item.Position, head, "Verifying the log"));
        }
        await AddMissing(scan, next, head, cancellationToken).ConfigureAwait(false);
        scan.Finish();
    }

    private async ValueTask AddMissing(LogScan scan, long first, long last, CancellationToken cancellationToken)
    {
        if (first > last)
            return;
        _missingCount += last - first + 1;
        if (_missing.Count <= FindingList.MaxKept)
            _missing.Add((first, last));
        for (var position = first; position <= last; position++)
            await scan.AddMissing(position, cancellationToken).ConfigureAwait(false);
    }

    private void CheckNotRemoved(RecordedEvent recorded, RemovalRecords removals)
    {
        if (removals.IsRemoved(recorded))
            _findings.Add(
                SealFindingKind.EventRestored,
                $"The event at position {recorded.Position} is version {recorded.Version} of '{recorded.Stream}', "
                    + "whose removal is recorded.",
                recorded.Position);
    }

    /// <summary>Compares the missing positions with the records of removals.</summary>
    private void ReportMissing(RemovalRecords removals)
    {
        if (_missingCount < removals.Events)
            _findings.Add(
                SealFindingKind.RemovalsChanged,
                $"The records report the removal of {removals.Events} events, but only {_missingCount} are missing.");
        if (_missingCount <= removals.Events)
            return;
        if (removals.Events > 0)
        {
            var ranges = string.Join(", ", _missing.Take(MaxShownRanges).Select(Text));
            _findings.Add(
                SealFindingKind.EventMissing,
                $"{_missingCount} events are missing, but the records report the removal of only {removals.Events}. "
                    + $"Missing positions: {ranges}{(_missing.Count > MaxShownRanges ? ", …" : ".")}");
            return;
        }
        foreach (var range in _missing)
            _findings.Add(
                SealFindingKind.EventMissing,
                $"There is no event at position {Text(range)}, and no record of its removal.",
                range.First);
    }

    /// <summary>
    /// Checks that only recorded removals hide events from the readers of a stream, and that streams contain no events
    /// outside the log. Each event of the log increases the version of one stream, so that the sum of the versions is
    /// the last position.
    /// </summary>
    private async ValueTask CheckStreams(
        ILogStorage log, RemovalRecords removals, CancellationToken cancellationToken)
    {
        var before = await log.GetHead(cancellationToken).ConfigureAwait(false);
        var sum = 0L;
        for (string? after = null; ;)
        {
            var page = await log.ListStreams("", after, PageStreams, cancellationToken).ConfigureAwait(false);
            foreach (var stream in page)
            {
                sum += stream.Version;
                var expected = removals.FirstVersionOf(stream.Stream);
                if (stream.FirstVersion != expected)
                    _findings.Add(
                        SealFindingKind.StreamChanged,
                        $"Readers of '{stream.Stream}' start with version {stream.FirstVersion}, but according to the "
                            + $"records of removals with version {expected}.");
            }
            if (page.Count < PageStreams)
                break;
            after = page[^1].Stream.Value;
        }
        var head = await log.GetHead(cancellationToken).ConfigureAwait(false);
        if (sum < before.Position || sum > head.Position) // Other programs may append meanwhile.
            _findings.Add(
                SealFindingKind.StreamChanged,
                $"The versions of all streams add up to {sum}, but the log ends at {head.Position}: a stream contains "
                    + "events at other positions, or its versions were changed.");
    }

    private static string Text((long First, long Last) range) => range.First == range.Last
        ? range.First.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{range.First} to {range.Last}");

    private async ValueTask CheckState(
        IDocumentStorage? documents, SealChain chain, CancellationToken cancellationToken)
    {
        var document = documents is null
            ? null
            : await documents.Get(SealStore.CollectionName, SealState.Key, cancellationToken).ConfigureAwait(false);
        var last = document is null ? null : SealState.TryRead(document)?.Last;
        if (chain.Last is null && document is null)
            _findings.Add(SealFindingKind.NotSealed, "The log has no seal.");
        else if (!Equals(last, chain.Last))
            _findings.Add(
                chain.Last is null ? SealFindingKind.SealMissing : SealFindingKind.HashChanged,
                $"The stored state is of seal {last?.Number ?? 0}, but the last seal in the log is seal "
                    + $"{chain.Last?.Number ?? 0}, or they differ.");
    }
}
