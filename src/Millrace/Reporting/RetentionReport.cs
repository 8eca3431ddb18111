using Millrace.Events;
using Millrace.Retention;

namespace Millrace.Reporting;

/// <summary>Creates the report about the retention of data.</summary>
internal sealed class RetentionReport(
    EventStore store, ReportDeclaration? declared, ReportPeriod period, string tenant)
{
    private const string LegalHold = "legal hold";
    private const string YoungerData = "has younger data"; // A part of the person's data has not expired.

    private readonly ReportFindings _findings = new();
    private readonly RetentionHistory _history = new(store, period);
    private readonly List<RetentionPolicyRow> _policies = [];
    private readonly Dictionary<string, RetentionRecord> _records = new(StringComparer.Ordinal);
    private bool _isDeclared;

    public async Task<ReportContent> Create(CancellationToken cancellationToken)
    {
        await ReadHistory(cancellationToken).ConfigureAwait(false);
        RetentionRun[] runs =
        [
            .. _records.Values.Where(record => record.HasStarted).Select(record => record.Info)
                .Where(run => !(run.StartedAt >= period.To) && !(run.EndedAt < period.From))
                .OrderBy(run => run.StartedAt).ThenBy(run => run.Id, StringComparer.Ordinal),
        ];
        RetentionPolicyRow[] policies =
        [
            .. _policies.Where(row => !(row.Since >= period.To) && !(row.Until <= period.From)),
        ];
        var holds = await Erasures.Of(store).ListHolds(cancellationToken).ConfigureAwait(false);
        Check(policies, runs);
        var rows = runs.Select(RetentionRunRow.Of).ToArray();
        return new ReportContent
        {
            Kind = ReportKind.Retention,
            Title = "Retention of data",
            Period = period,
            Controller = declared?.Controller,
            Findings = _findings,
            Facts = FactsOf(policies, rows, holds.Count),
            Sections = SectionsOf(policies, runs, rows, holds),
            Limits =
            [
                .. RetentionPlaces.OutOfReach,
                "Archive files after they were written. Compare their checksums with those in this report.",
                "Removals of streams without a run of the policies.",
            ],
        };
    }

    private async Task ReadHistory(CancellationToken cancellationToken)
    {
        await foreach (var (position, recorded, note) in _history.Read([], cancellationToken).ConfigureAwait(false))
        {
            if (recorded is null || note is null)
            {
                _findings.Add(
                    "eventUnreadable", $"The event of retention at position {position} cannot be read.", position);
                continue;
            }
            if (RetentionHistory.RunOf(recorded) is not { } run)
            {
                if (recorded.Type == RetentionEvents.Declared)
                    Declare(recorded, note.Declaration ?? RetentionDeclaration.Empty);
                continue;
            }
            if (!_records.TryGetValue(run, out var record))
                _records[run] = record = new RetentionRecord(run);
            record.Apply(recorded, note);
        }
    }

    private void Declare(RecordedEvent recorded, RetentionDeclaration declaration)
    {
        _isDeclared = true;
        var policies = declaration.Rules
            .Where(rule => rule.AppliesTo(tenant))
            .Select(rule => rule.ToString())
            .ToHashSet(StringComparer.Ordinal);
        for (var index = 0; index < _policies.Count; index++)
        {
            if (_policies[index].Until is null && !policies.Remove(_policies[index].Policy))
                _policies[index] = _policies[index] with { Until = recorded.Timestamp };
        }
        foreach (var policy in policies)
            _policies.Add(new RetentionPolicyRow(policy, recorded.Timestamp, recorded.Position));
    }

    private void Check(RetentionPolicyRow[] policies, RetentionRun[] runs)
    {
        if (!_isDeclared)
            _findings.Add("notDeclared", "The application has not recorded retention policies.");
        else if (policies.Length == 0)
            _findings.Add("policiesMissing", "No retention policy was in force in the period.");
        else if (!runs.Any(run => run is { EndedAt: not null, StopReason: null }))
            _findings.Add("noRun", "Policies were in force, but no run of the policies was completed in the period.");
        foreach (var run in runs.Where(run => run.EndedAt is null))
            _findings.Add(
                "runNotEnded",
                $"The run '{run.Id}' of {ReportTexts.Of(run.StartedAt)} has not ended. It runs now or was interrupted. "
                    + "Another run with the same id continues it.");
        foreach (var run in runs.Where(run => run.StopReason is not null))
            _findings.Add(
                "runStopped",
                $"The run '{run.Id}' of {ReportTexts.Of(run.StartedAt)} was stopped by {run.StoppedBy}. Expired data "
                    + $"can remain: {run.StopReason}");
        foreach (var (run, result) in LastResults(runs))
        {
            foreach (var kept in result.Kept.Where(IsProblem))
                _findings.Add(
                    "expiredKept",
                    $"The run '{run.Id}' kept {ReportTexts.Of(kept.Count)} expired (policy '{result.Policy}'): "
                        + $"{kept.Reason}.");
        }
    }

    /// <summary>Returns whether a policy could not be applied, in contrast to data that must be kept.</summary>
    private static bool IsProblem(RetentionKept kept) =>
        !kept.Reason.Contains(LegalHold, StringComparison.Ordinal)
        && !kept.Reason.StartsWith(YoungerData, StringComparison.Ordinal);

    /// <summary>Returns the last result of each policy. Later runs may have removed what earlier ones kept.</summary>
    private static Dictionary<string, (RetentionRun Run, RetentionResult Result)>.ValueCollection LastResults(
        RetentionRun[] runs)
    {
        var last = new Dictionary<string, (RetentionRun Run, RetentionResult Result)>(StringComparer.Ordinal);
        foreach (var run in runs.Where(run => run is { EndedAt: not null, StopReason: null }))
        {
            foreach (var result in run.Results)
                last[result.Policy] = (run, result);
        }
        return last.Values;
    }

    private static IReadOnlyList<ReportFact> FactsOf(
        RetentionPolicyRow[] policies, RetentionRunRow[] runs, int holds) =>
        [
            new("policies", "Policies in force", (long)policies.Length),
            new("runs", "Runs", (long)runs.Length),
            new("runsNotEnded", "Runs that have not ended", runs.LongCount(run => run.EndedAt is null)),
            new("runsStopped", "Runs that were stopped", runs.LongCount(run => run.StopReason is not null)),
            new("removedStreams", "Streams with removed events", runs.Sum(run => run.Streams)),
            new("removedEvents", "Removed events", runs.Sum(run => run.Events)),
            new("removedBytes", "Removed bytes", runs.Sum(run => run.Bytes)),
            new("archives", "Archive files", runs.Sum(run => run.Archives)),
            new("erasedSubjects", "Erased data subjects", runs.Sum(run => run.ErasedSubjects)),
            new("legalHolds", "Active legal holds", (long)holds),
        ];

    private IReadOnlyList<ReportSection> SectionsOf(
        RetentionPolicyRow[] policies,
        RetentionRun[] runs,
        RetentionRunRow[] rows,
        IReadOnlyList<LegalHold> holds)
    {
        var ids = runs.Select(run => run.Id).ToHashSet(StringComparer.Ordinal);
        return
        [
            RetentionTables.Policies(policies),
            RetentionTables.Runs(rows),
            RetentionTables.Results(runs),
            RetentionTables.Archives(runs),
            RetentionTables.Kept(runs),
            RetentionTables.Erasures(_history.ReadErasures(ids)),
            RetentionTables.Removals(_history.ReadRemovals(ids)),
            ReportTables.Holds(holds),
        ];
    }
}
