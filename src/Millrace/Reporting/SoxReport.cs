using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Reporting;

/// <summary>Creates the report about the control of financial data.</summary>
/// <remarks>
/// The log is read twice: for the summary, which is at the start of the report, and for its rows, which are streamed.
/// </remarks>
internal sealed class SoxReport(EventStore store, DeclarationHistory declarations, ReportPeriod period)
{
    private readonly ReportDeclaration _declared = declarations.Declared ?? ReportDeclaration.Empty;
    private readonly ReportFindings _findings = new();
    private readonly FinancialLog _log =
        new(store, (declarations.Declared ?? ReportDeclaration.Empty).Financial, period);

    private long _changes;
    private long _withoutUser;
    private long _unsealed;
    private long _unreadable;

    public async Task<ReportContent> Create(SealEvidence? evidence, CancellationToken cancellationToken)
    {
        await CheckDeclaration(cancellationToken).ConfigureAwait(false);
        await SourceReader.Check(store, period, _findings, cancellationToken).ConfigureAwait(false);
        var isSupported = store.Stored.Storage.Log is not ISharedLogPart;
        var verification = new SealVerification(evidence is null || !isSupported
            ? null
            : await new LogSeals(store).Verify(evidence, null, cancellationToken).ConfigureAwait(false));
        var held = new HeldDuties(_declared.Duties, period);
        var conflicts = await held.Find(store, cancellationToken).ConfigureAwait(false);
        var done = new DoneDuties(_declared.Duties);
        var sealedThrough = !isSupported ? null
            : verification.Report is { } report ? report.SealedThrough
            : await new LogSeals(store).FindSealedThrough(cancellationToken).ConfigureAwait(false);
        await Scan(done, sealedThrough, cancellationToken).ConfigureAwait(false);
        new SealEvidenceCheck(_findings).Check(isSupported, verification.Report, evidence);
        Check(held, conflicts, done);
        if (sealedThrough > 0 && _unsealed > 0)
            _findings.Add(
                "changesUnsealed",
                $"No seal covers {ReportTexts.Count(_unsealed, "change")} of financial streams after position "
                    + $"{ReportTexts.Of(sealedThrough.Value)}.");
        var removals = await ReportRemovals.Read(store, period, _log.IsFinancial, _findings, cancellationToken)
            .ConfigureAwait(false);
        if (_log.StoppedAt is { } stopped)
            _findings.AddFirst(
                "logIncomplete",
                $"Too many events cannot be read. The events from position {ReportTexts.Of(stopped)} were not read.",
                stopped);
        return new ReportContent
        {
            Kind = ReportKind.Sox,
            Title = "Control of financial data",
            Period = period,
            Controller = _declared.Controller,
            Findings = _findings,
            Facts = FactsOf(
                verification.Report,
                sealedThrough is null ? null : _unsealed,
                conflicts.Count + done.Count,
                removals.Count,
                evidence),
            Sections = SectionsOf(verification, held, [.. conflicts, .. done.Found], removals),
            Limits =
            [
                "Events after the last seal, which can be changed without a trace.",
                "Roles in the claims of users, which the identity provider assigns. The roles themselves are checked.",
                "Duties that are not commands are compared only as rights, not as deeds.",
                "Denied requests while no audit trail is recorded.",
                "Amounts and other values of events.",
            ],
        };
    }

    private async Task Scan(DoneDuties done, long? sealedThrough, CancellationToken cancellationToken)
    {
        if (_declared.Financial.Count == 0 && !done.IsNeeded)
            return;
        await foreach (var (position, recorded) in _log.Read(done.IsNeeded, cancellationToken).ConfigureAwait(false))
        {
            if (recorded is null)
            {
                AddUnreadable(position);
                continue;
            }
            var metadata = FinancialLog.MetadataOf(recorded);
            done.Observe(recorded, metadata);
            if (!_log.IsChange(recorded))
                continue;
            _changes++;
            if (position > sealedThrough)
                _unsealed++;
            if (metadata.UserId is null)
                _withoutUser++;
        }
        if (done.HasDeeds && period.From is not null)
        {
            await foreach (var (position, recorded) in _log.ReadBefore(cancellationToken).ConfigureAwait(false))
            {
                if (recorded is null)
                    AddUnreadable(position);
                else
                    done.ObserveBefore(recorded, FinancialLog.MetadataOf(recorded));
            }
        }
        done.Compare();
    }

    private void AddUnreadable(long position)
    {
        _unreadable++;
        _findings.Add("eventUnreadable", $"The event at position {position} cannot be read.", position);
    }

    private async ValueTask CheckDeclaration(CancellationToken cancellationToken)
    {
        declarations.AddFindings(_findings);
        if (declarations.Declared is null)
            _findings.Add(
                "notDeclared",
                "The application has not declared its reports, so that its financial streams and duties are unknown.");
        else if (_declared.Financial.Count == 0)
            _findings.Add("categoriesMissing", "No category of streams is declared as financial.");
        foreach (var category in _declared.Financial)
        {
            if (await StreamCategories.FindProblem(store, "", category, cancellationToken).ConfigureAwait(false)
                is { } problem)
                _findings.Add("categoryUnknown", $"Financial streams: {problem}");
        }
    }

    private void Check(HeldDuties held, IReadOnlyList<DutyConflictRow> conflicts, DoneDuties done)
    {
        if (held.Rules is null)
            _findings.Add("rightsUnreadable", "A change of rights cannot be read. The later rights are unknown.");
        foreach (var row in conflicts)
            _findings.Add(
                "dutiesHeld",
                $"{row.Holder} {(row.Until is null ? "has" : "had")} both '{row.First}' and '{row.Second}'.",
                row.FirstPosition);
        foreach (var row in done.Found)
            _findings.Add(
                "dutiesDone",
                $"{row.Holder} did both '{row.First}' and '{row.Second}' in {row.Stream}.",
                row.SecondPosition);
        _findings.AddUnnamed(done.Count - done.Found.Count);
        if (done.IsIncomplete)
            _findings.Add(
                "dutiesIncomplete",
                $"Only the first {ReportTexts.Of(DoneDuties.MaxTracked)} pairs of users and streams of the "
                    + "period were compared. Other violations are possible. Choose a shorter period.");
    }

    private IReadOnlyList<ReportFact> FactsOf(
        SealReport? seals, long? unsealed, long conflicts, long removals, SealEvidence? evidence) =>
        [
            new("financial", "Financial streams", ReportTexts.Of(_declared.Financial)),
            new("changes", "Changes of financial streams", _changes),
            new("changesWithoutUser", "Changes without a user", _withoutUser),
            new("removals", "Removals", removals),
            new("duties", "Separate duties", (long)_declared.Duties.Count),
            new("dutyConflicts", "Violations of separate duties", conflicts),
            new("unreadableEvents", "Events that cannot be read", _unreadable > 0 ? _unreadable : null),
            new("sealsVerified", "Seals verified", seals is not null),
            new("logSound", "Log agrees with its seals", seals?.IsSound),
            new("seals", "Seals", seals?.Seals),
            new("sealedThrough", "Sealed through position", seals?.SealedThrough),
            new("anchoredThrough", "Anchored through position", seals?.AnchoredThrough),
            new("changesUnsealed", "Changes after the last seal", unsealed),
            new("keyTrusted", "Seals verified with a given key", seals is null ? null : evidence?.KeyFiles.Count > 0),
        ];

    private IReadOnlyList<ReportSection> SectionsOf(
        SealVerification verification,
        HeldDuties held,
        IReadOnlyList<DutyConflictRow> conflicts,
        IReadOnlyList<RemovalRow> removals)
    {
        var roles = (held.Rules?.Roles ?? new Dictionary<string, IReadOnlyList<Security.AccessRight>>())
            .OrderBy(role => role.Key, StringComparer.Ordinal)
            .Select(role => new RoleRow(role.Key, [.. role.Value.Select(right => right.Text)]));
        return
        [
            ReportTables.Declarations(declarations.Rows),
            FinancialTables.Duties(_declared.Duties),
            FinancialTables.Conflicts(conflicts),
            ReportTables.Rights(store, period),
            FinancialTables.Roles(roles),
            ReportTables.Audit(
                store,
                period,
                "denied",
                "Denied requests",
                "From the audit trail.",
                static entry => entry.Result == AuditResult.Denied),
            ReportTables.Removals(removals),
            FinancialTables.Changes(_log.ReadChanges(verification)),
        ];
    }
}
