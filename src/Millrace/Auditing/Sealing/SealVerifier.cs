using System.Globalization;
using Millrace.Storage;

namespace Millrace.Auditing.Sealing;

/// <summary>Compares a log with the stored hashes, the seals, the records of removals and the anchors.</summary>
/// <remarks>
/// The log can grow meanwhile. The head is read first, and everything up to it is compared. What was added afterwards
/// is read again at the end, so that new seals and removals are not findings.
/// </remarks>
internal sealed class SealVerifier(
    EventStore store, SealEvidence evidence, IProgress<MaintenanceProgress>? progress)
{
    private const int EventsPerStep = 4_096;
    private const int MaxShownRanges = 20;
    private const long MaxGap = 1_000_000;

    private readonly FindingList _findings = new();
    private readonly List<(long First, long Last)> _missing = []; // Ranges of positions.
    private long _events;
    private long _missingCount;

    public async Task<SealReport> Run(CancellationToken cancellationToken)
    {
        var log = store.Stored.Primary.Log;
        var documents = store.Storage.Documents;
        if (!await SealStore.Exists(documents, cancellationToken).ConfigureAwait(false))
            documents = null;
        var keys = evidence.KeyFiles.Select(SealSigner.LoadPublic).ToList();
        var lines = new List<long>(); // Anchors of later seals are not compared.
        foreach (var file in evidence.AnchorFiles)
            lines.Add(await AnchorChecker.CountLines(file, cancellationToken).ConfigureAwait(false));
        var head = (await log.GetHead(cancellationToken).ConfigureAwait(false)).Position;
        var before = await RemovalRecords.Read(log, null, cancellationToken).ConfigureAwait(false);
        var chain = new SealChain(_findings, keys);
        await chain.Read(log, 1, head, before, cancellationToken).ConfigureAwait(false);
        var anchors = new AnchorChecker(_findings, chain, head);
        for (var i = 0; i < lines.Count; i++)
            await anchors.Read(evidence.AnchorFiles[i], lines[i], cancellationToken).ConfigureAwait(false);

        var (last, seals) = (chain.Last, chain.Entries.Count);
        var size = Math.Min(last?.Size ?? 0, head);
        var tiles = new TileChecker(documents, _findings, size);
        var streams = new StreamChecker(_findings, before);
        var scan = new LogScan(_findings, tiles, RootsOf(chain, anchors));
        await Scan(log, scan, streams, before, head, cancellationToken).ConfigureAwait(false);

        var state = await ReadState(documents, cancellationToken).ConfigureAwait(false);
        var count = await tiles.Count(cancellationToken).ConfigureAwait(false);
        await streams.ReadList(log, cancellationToken).ConfigureAwait(false);
        var end = (await log.GetHead(cancellationToken).ConfigureAwait(false)).Position;
        await ReadNewer(log, streams, head, end, cancellationToken).ConfigureAwait(false);
        var after = await RemovalRecords.Read(log, _findings, cancellationToken).ConfigureAwait(false);
        await chain.Read(log, head + 1, end, after, cancellationToken).ConfigureAwait(false);
        chain.ReportUnknownKeys();
        streams.Finish(after);
        ReportMissing(before, after);
        tiles.Finish(count, Math.Min(chain.Last?.Size ?? 0, end));
        CheckState(state, last, chain);
        var newRemovals = await CheckNewRemovals(log, anchors, chain, cancellationToken).ConfigureAwait(false);
        return new SealReport
        {
            Head = head,
            Events = _events,
            RemovedEvents = before.Events,
            NewRemovals = newRemovals,
            Seals = seals,
            SealedThrough = size,
            Anchors = anchors.Count,
            AnchoredThrough = anchors.Through,
            Keys = [.. chain.Keys.Keys.Select(key => key.ToString())],
            FindingCount = _findings.Count,
            Findings = _findings.Kept,
        };
    }

    /// <summary>Returns the roots that the log must have.</summary>
    private static List<SealedRoot> RootsOf(SealChain chain, AnchorChecker anchors) =>
    [
        .. chain.Entries
            .Select(entry => new SealedRoot(entry.Size, entry.Root, $"Seal {entry.Number}"))
            .Concat(anchors.Roots)
            .OrderBy(root => root.Size),
    ];

    private async ValueTask Scan(
        ILogStorage log,
        LogScan scan,
        StreamChecker streams,
        RemovalRecords removals,
        long head,
        CancellationToken cancellationToken)
    {
        var next = 1L;
        await foreach (var item in new RobustReader(log).Read(EventFilter.All, 1, head, cancellationToken)
            .ConfigureAwait(false))
        {
            await AddMissing(scan, removals, next, item.Position - 1, cancellationToken).ConfigureAwait(false);
            next = item.Position + 1;
            if (item.Event is { } recorded)
            {
                await scan.Add(recorded, cancellationToken).ConfigureAwait(false);
                streams.Add(recorded);
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
        await AddMissing(scan, removals, next, head, cancellationToken).ConfigureAwait(false);
        scan.Finish();
    }

    /// <summary>Reads the versions of the streams that were appended after the head was read.</summary>
    private static async ValueTask ReadNewer(
        ILogStorage log, StreamChecker streams, long head, long end, CancellationToken cancellationToken)
    {
        await foreach (var item in new RobustReader(log).Read(EventFilter.All, head + 1, end, cancellationToken)
            .ConfigureAwait(false))
        {
            if (item.Event is { } recorded)
                streams.Add(recorded);
        }
    }

    private async ValueTask AddMissing(
        LogScan scan, RemovalRecords removals, long first, long last, CancellationToken cancellationToken)
    {
        if (first > last)
            return;
        var count = last - first + 1;
        _missingCount += count;
        if (_missing.Count <= FindingList.MaxKept)
            _missing.Add((first, last));
        if (count > MaxGap && count > removals.Events)
        {
            scan.Stop(); // The positions were changed, and each of them would be hashed.
            return;
        }
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

    /// <summary>Compares the number of missing positions with the records of removals.</summary>
    private void ReportMissing(RemovalRecords before, RemovalRecords after)
    {
        if (_missingCount < before.Events)
            _findings.Add(
                SealFindingKind.RemovalsChanged,
                $"The records report the removal of {before.Events} events, but only {_missingCount} are missing.");
        if (_missingCount <= after.Events)
            return;
        if (after.Events > 0)
        {
            var ranges = string.Join(", ", _missing.Take(MaxShownRanges).Select(Text));
            _findings.Add(
                SealFindingKind.EventMissing,
                $"{_missingCount} events are missing, but the records report the removal of only {after.Events}. "
                    + $"Missing positions: {ranges}{(_missing.Count > MaxShownRanges ? ", …" : ".")}");
            return;
        }
        foreach (var range in _missing)
            _findings.Add(
                SealFindingKind.EventMissing,
                $"There is no event at position {Text(range)}, and no record of its removal.",
                range.First);
    }

    private static string Text((long First, long Last) range) => range.First == range.Last
        ? range.First.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{range.First} to {range.Last}");

    private static async ValueTask<Document?> ReadState(
        IDocumentStorage? documents, CancellationToken cancellationToken) =>
        documents is null
            ? null
            : await documents.Get(SealStore.CollectionName, SealState.Key, cancellationToken).ConfigureAwait(false);

    /// <summary>Compares the stored state with the last seal, or with a seal that was made meanwhile.</summary>
    private void CheckState(Document? document, Seal? last, SealChain chain)
    {
        var stored = document is null ? null : SealState.TryRead(document)?.Last;
        if (last is null && document is null)
        {
            _findings.Add(SealFindingKind.NotSealed, "The log has no seal.");
            return;
        }
        var isSound = Equals(stored, last)
            || (stored is not null
                && stored.Number > (last?.Number ?? 0)
                && chain.Find(stored.Number)?.Identity == SealChain.IdentityOf(stored));
        if (!isSound)
            _findings.Add(
                chain.Last is null ? SealFindingKind.SealMissing : SealFindingKind.HashChanged,
                $"The stored state is of seal {stored?.Number ?? 0}, but the last seal in the log is seal "
                    + $"{chain.Last?.Number ?? 0}, or they differ.");
    }

    /// <summary>
    /// Reports the records of removals that no anchor covers, or without anchors no seal. A user with access to the
    /// database could have removed the events and forged the record.
    /// </summary>
    private async ValueTask<long> CheckNewRemovals(
        ILogStorage log, AnchorChecker anchors, SealChain chain, CancellationToken cancellationToken)
    {
        if (chain.Last is null)
            return 0; // Nothing is sealed.
        var isAnchored = evidence.AnchorFiles.Count > 0;
        var covered = isAnchored ? anchors.Removals : chain.Last.Removals.Count;
        var count = 0L;
        await foreach (var record in RemovalRecords.All(log, cancellationToken).ConfigureAwait(false))
        {
            if (++count <= covered || evidence.AcceptsNewRemovals)
                continue;
            _findings.Add(
                SealFindingKind.RemovalNotCovered,
                $"Versions {record.FromVersion} to {record.ToVersion} of '{record.Stream}' were removed after the last "
                    + $"{(isAnchored ? "anchor" : "seal")}, according to a record of {record.User ?? "no user"} at "
                    + $"{record.At.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}. Ask the user whether it is genuine.");
        }
        return Math.Max(0, count - covered);
    }
}
