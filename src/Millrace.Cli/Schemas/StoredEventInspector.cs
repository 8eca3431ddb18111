using Millrace.Storage;

namespace Millrace.Cli.Schemas;

/// <summary>
/// Decodes stored events with the types of a build: all of them, or the oldest and newest of each type.
/// </summary>
internal sealed class StoredEventInspector(EventStore store)
{
    private const int PageEvents = 1_000;

    private readonly Dictionary<(string Type, int SchemaVersion), ShapeFinding> _findings = [];

    /// <summary>The results, ordered by name and version.</summary>
    public IReadOnlyList<ShapeFinding> Findings =>
        [
            .. _findings
                .Values.OrderBy(finding => finding.Type, StringComparer.Ordinal)
                .ThenBy(finding => finding.SchemaVersion),
        ];

    /// <summary>Decodes every event.</summary>
    public async Task DecodeAll(IProgress<ReplayProgress> progress, CancellationToken cancellationToken)
    {
        var next = 1L;
        var end = (await store.GetInfo(cancellationToken)).Head.Position;
        for (var isEnd = false; !isEnd && next <= end;)
        {
            var query = new LogPageQuery(EventFilter.All, next, IsBackwards: false, PageEvents);
            var page = await store.ReadPage(query, cancellationToken);
            Add(page);
            (next, isEnd) = (page.Next, page.IsEnd);
            progress.Report(new ReplayProgress(page.Events.Count, Math.Min(isEnd ? end : next - 1, end), end));
        }
    }

    /// <summary>
    /// Decodes at most <paramref name="maxEvents"/> of the oldest and as many of the newest events of each type.
    /// </summary>
    public async Task SampleNewestAndOldest(
        int maxEvents, IProgress<ReplayProgress> progress, CancellationToken cancellationToken)
    {
        var info = await store.GetInfo(cancellationToken);
        if (info.Types.Sum(type => type.Events) < info.Events)
        {
            await DecodeAll(progress, cancellationToken); // The list of types is incomplete, so every event is decoded.
            return;
        }
        foreach (var type in info.Types)
        {
            var seen = new HashSet<long>();
            foreach (var isBackwards in new[] { false, true })
                await SampleNewestAndOldest(
                    EventFilter.OfTypes(type.Type), isBackwards, maxEvents, seen, cancellationToken);
        }
    }

    private async Task SampleNewestAndOldest(
        EventFilter filter, bool isBackwards, int maxEvents, HashSet<long> seen, CancellationToken cancellationToken)
    {
        var next = isBackwards ? long.MaxValue : 1;
        for (var (remaining, isEnd) = (maxEvents, false); remaining > 0 && !isEnd;)
        {
            var query = new LogPageQuery(filter, next, isBackwards, Math.Min(remaining, PageEvents));
            var page = await store.ReadPage(query, cancellationToken);
            foreach (var recorded in page.Events.Where(recorded => seen.Add(recorded.Position)))
                Add(recorded);
            (next, isEnd) = (page.Next, page.IsEnd);
            remaining -= page.Events.Count;
        }
    }

    private void Add(EventPage page)
    {
        foreach (var recorded in page.Events)
            Add(recorded);
    }

    private void Add(RecordedEvent recorded)
    {
        var key = (recorded.Type, recorded.SchemaVersion);
        if (!_findings.TryGetValue(key, out var finding))
            _findings[key] = finding = new ShapeFinding(recorded.Type, recorded.SchemaVersion);
        finding.Add(recorded);
    }
}
