namespace Millrace.Reporting;

/// <summary>The result of comparing the log with its seals, for the status of each event.</summary>
/// <param name="report">The result; null if the seals were not verified.</param>
internal sealed class SealVerification(SealReport? report)
{
    private readonly HashSet<long> _changed =
    [
        .. (report?.Findings ?? []).Where(IsOfEvent).Select(finding => finding.Position).OfType<long>(),
    ];

    // If some findings are not known, each event could be one of them.
    private readonly bool _isDoubtful = report is not null
        && (report.FindingCount > report.Findings.Count || report.Findings.Any(IsOfAll));

    // The events after a missing one were not compared.
    private readonly long? _missing = (report?.Findings ?? [])
        .Where(finding => finding.Kind == SealFindingKind.EventMissing)
        .Min(finding => (long?)(finding.Position ?? 0));

    public SealReport? Report => report;

    public SealStatus StatusOf(long position, bool isSealed) =>
        _changed.Contains(position) ? SealStatus.Changed
        : !isSealed ? SealStatus.Unsealed
        : report is null ? SealStatus.Sealed
        : _isDoubtful || position > _missing ? SealStatus.Doubtful
        : SealStatus.Verified;

    private static bool IsOfEvent(SealFinding finding) => finding.Kind
        is SealFindingKind.EventChanged
            or SealFindingKind.EventInserted
            or SealFindingKind.EventUnreadable
            or SealFindingKind.EventRestored;

    private static bool IsOfAll(SealFinding finding) => finding.Kind
        is SealFindingKind.RootChanged
            or SealFindingKind.SealMissing
            or SealFindingKind.SealInvalid
            or SealFindingKind.KeyUnknown
            or SealFindingKind.AnchorMismatch;
}
