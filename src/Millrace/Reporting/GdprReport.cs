namespace Millrace.Reporting;

/// <summary>Creates the report about the processing of personal data.</summary>
internal sealed class GdprReport(EventStore store, DeclarationHistory declarations, ReportPeriod period)
{
    private readonly ReportDeclaration? _declared = declarations.Declared;
    private readonly ReportFindings _findings = new();

    public async Task<ReportContent> Create(CancellationToken cancellationToken)
    {
        var history = new RequestHistory(store, period, _findings);
        await history.Read(cancellationToken).ConfigureAwait(false);
        var requests = await ListRequests(history, cancellationToken).ConfigureAwait(false);
        var holds = history.Holds;
        var report = _declared ?? ReportDeclaration.Empty;
        CheckDeclaration();
        await SourceReader.Check(store, period, _findings, cancellationToken).ConfigureAwait(false);
        var removals = await ReportRemovals.Read(store, period, _ => false, _findings, cancellationToken)
            .ConfigureAwait(false);
        foreach (var place in report.Places)
            CheckPlace(place, report.Places);
        foreach (var request in requests)
            CheckRequest(request);
        return new ReportContent
        {
            Kind = ReportKind.Gdpr,
            Title = "Processing of personal data",
            Period = period,
            Controller = report.Controller,
            Findings = _findings,
            Facts = FactsOf(report, requests, holds),
            Sections =
            [
                ReportTables.Declarations(declarations.Rows),
                ReportTables.Activities(report.Activities),
                ReportTables.Places(report.Places),
                ReportTables.Requests(requests),
                ReportTables.Holds(holds),
                ReportTables.Audit(
                    store,
                    period,
                    "exports",
                    "Access requests and exports",
                    "Exports of data of a subject, exports of events and reports, from the audit trail.",
                    IsExport),
                ReportTables.Rights(store, period),
                ReportTables.Removals(removals),
            ],
            Limits =
            [
                "Personal data in members without a mark, in names of streams, keys and metadata.",
                "Backups, delivered messages, logs, and systems outside of the store.",
                "Exports by code of the application, and all exports while no audit trail is recorded.",
                "Deadlines that end at a weekend or on a holiday are not moved.",
            ],
        };
    }

    private static bool IsExport(AuditEntry entry) =>
        entry.Action.StartsWith("operator.POST /subjects/", StringComparison.Ordinal)
        || entry.Action == "erasures.exported"
        || entry.Action == "tool.export"
        || entry.Action.StartsWith(Reports.AuditPrefix, StringComparison.Ordinal);

    private static IReadOnlyList<ReportFact> FactsOf(
        ReportDeclaration report, List<RequestRow> requests, IReadOnlyList<LegalHold> holds) =>
        [
            new("activities", "Processing activities", (long)report.Activities.Count),
            new("places", "Places of personal data", (long)report.Places.Count),
            new("requests", "Requests", (long)requests.Count),
            Count("openRequests", "Open requests", requests, RequestStatus.Open),
            Count("overdueRequests", "Overdue requests", requests, RequestStatus.Overdue),
            Count("lateRequests", "Requests that ended late", requests, RequestStatus.Late),
            new("legalHolds", "Active legal holds", (long)holds.Count),
        ];

    private static ReportFact Count(string name, string title, List<RequestRow> requests, RequestStatus status) =>
        new(name, title, requests.LongCount(request => request.Status == status));

    private void CheckDeclaration()
    {
        declarations.AddFindings(_findings);
        if (_declared is null)
            _findings.Add(
                "notDeclared",
                "The application has not declared its reports, so that its processing activities and the places of "
                    + "personal data are unknown.");
        else if (_declared.Controller is null || _declared.Activities.Count == 0)
            _findings.Add("recordsMissing", "The controller or its processing activities are not declared.");
        foreach (var activity in _declared?.Activities ?? [])
        {
            if (activity.Retention is null || activity.Subjects.Count == 0 || activity.Data.Count == 0)
                _findings.Add(
                    "recordIncomplete",
                    $"The activity '{activity.Name}' has no categories of subjects or data, or no time limit.");
        }
    }

    private async ValueTask<List<RequestRow>> ListRequests(
        RequestHistory history, CancellationToken cancellationToken)
    {
        var (_, extensions, _) = await new ReportLog(store).Read(cancellationToken).ConfigureAwait(false);
        var rows = new List<RequestRow>();
        foreach (var (erasure, isChanged) in history.Erasures)
        {
            var extension = extensions.TryGetValue(erasure.Request.Id, out var found)
                ? found
                : default((DeadlineExtension, DateTimeOffset)?);
            var row = RequestRow.Of(erasure, extension, period.Now) with { IsCertificateChanged = isChanged };
            if (!(row.ReceivedAt >= period.To) && (period.From is not { } from || !(row.EndedAt < from)))
                rows.Add(row);
        }
        rows.Sort((one, other) => one.ReceivedAt.CompareTo(other.ReceivedAt));
        return rows;
    }

    private void CheckPlace(DataPlace place, IReadOnlyList<DataPlace> places)
    {
        if (place.IsEncrypted == false)
            _findings.Add(
                "personalDataPlain",
                $"The {place.In} '{place.Name}' stores {place.Path} unencrypted. It contains values of "
                    + $"{ReportTexts.Of(place.From)}, which are marked.");
        if (place.IsEncrypted is null && !places.Any(other => other.IsEncrypted == true && other.Name == place.Name))
            _findings.Add(
                "personalDataUnknown",
                $"The model does not know the code of the {place.In} '{place.Name}', which has no marks. Check whether "
                    + $"{place.Path} contains values of {ReportTexts.Of(place.From)}, which are marked.");
    }

    private void CheckRequest(RequestRow row)
    {
        var due = ReportTexts.Of(row.Due);
        if (row.Status == RequestStatus.Overdue)
            _findings.Add("requestOverdue", $"The request '{row.Id}' of {row.Subject} was due on {due} and is open.");
        if (row.Status == RequestStatus.Late)
            _findings.Add("requestLate", $"The request '{row.Id}' of {row.Subject} was due on {due} and ended later.");
        if (row is { ExtensionReason: not null, IsExtended: false })
            _findings.Add(
                "extensionLate",
                $"The deadline of the request '{row.Id}' was extended after {due}, which has no effect.");
        if (row.State == ErasureState.Incomplete)
            _findings.Add(
                "erasureIncomplete",
                $"The erasure '{row.Id}' is incomplete. Its certificate lists the remaining data.");
        if (row.State == ErasureState.Stopped)
            _findings.Add(
                "erasureStopped",
                $"The erasure '{row.Id}' was stopped, so that data can remain. Request another one: {row.StopReason}");
    }
}
