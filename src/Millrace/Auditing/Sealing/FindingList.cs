namespace Millrace.Auditing.Sealing;

/// <summary>Collects the findings of a verification: all of them are counted, and the first are kept.</summary>
internal sealed class FindingList
{
    /// <summary>The maximum number of findings that are kept.</summary>
    public const int MaxKept = 1_000;

    private readonly List<SealFinding> _kept = [];

    public long Count { get; private set; }

    /// <summary>Gets the findings about events first, because the others can follow from them.</summary>
    public IReadOnlyList<SealFinding> Kept => [.. _kept.OrderBy(finding => !IsOfEvent(finding.Kind))];

    public void Add(SealFindingKind kind, string message, long? position = null)
    {
        Count++;
        if (_kept.Count < MaxKept)
            _kept.Add(new SealFinding(kind, position, message));
        else if (IsOfEvent(kind) && _kept.FindLastIndex(other => !IsOfEvent(other.Kind)) is >= 0 and var other)
            _kept[other] = new SealFinding(kind, position, message);
    }

    /// <summary>Counts findings that are not kept.</summary>
    public void AddUnnamed(long count) => Count += count;

    private static bool IsOfEvent(SealFindingKind kind) => kind
        is SealFindingKind.EventChanged or SealFindingKind.EventInserted or SealFindingKind.EventMissing
        or SealFindingKind.EventUnreadable or SealFindingKind.EventRestored;
}
