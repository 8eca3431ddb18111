namespace Millrace.Reporting;

/// <summary>The findings of a report. All are counted, and the first are kept.</summary>
internal sealed class ReportFindings
{
    public const int MaxKept = 1_000;

    private readonly List<ReportFinding> _kept = [];

    public long Count { get; private set; }

    public IReadOnlyList<ReportFinding> Kept => _kept;

    public void Add(string kind, string message, long? position = null)
    {
        Count++;
        if (_kept.Count < MaxKept)
            _kept.Add(new ReportFinding(kind, message, position));
    }

    /// <summary>Adds a finding before all others, so that it is kept.</summary>
    public void AddFirst(string kind, string message, long? position)
    {
        Count++;
        if (_kept.Count == MaxKept)
            _kept.RemoveAt(MaxKept - 1);
        _kept.Insert(0, new ReportFinding(kind, message, position));
    }

    /// <summary>Counts findings that are not known one by one.</summary>
    public void AddUnnamed(long count) => Count += count;
}
