namespace Millrace.Reporting;

/// <summary>Creates the sections that several reports contain.</summary>
internal static class ReportTables
{
    private const string Number = "n";
    private const string Code = "c";
    private const string Time = "t";

    public static ReportSection Rights(EventStore store, ReportPeriod period) => new ReportTable<RightRow>(
        "rightChanges",
        "Changes of rights",
        ReportJson.Default.RightRow,
        RightChanges.Read(store, period),
        new("Position", row => ReportTexts.Of(row.Position), Number),
        new("Time", row => ReportTexts.Of(row.Time), Time),
        new("Change", row => row.Change),
        new("Of", row => row.To, Code),
        new("Right", row => row.Right, Code),
        new("By", row => row.BySystem && row.By is not (null or "system") ? $"{row.By} (system)" : row.By),
        new("Reason", row => row.Reason));

    public static ReportSection Audit(
        EventStore store, ReportPeriod period, string name, string title, string note, Func<AuditEntry, bool> isShown)
    {
        var entries = SourceReader.ReadAudit(store, period)
            .Where(isShown)
            .Select(AuditRow.Of);
        return new ReportTable<AuditRow>(
            name,
            title,
            ReportJson.Default.AuditRow,
            entries,
            new("Position", row => ReportTexts.Of(row.Position), Number),
            new("Time", row => ReportTexts.Of(row.Time), Time),
            new("User", row => row.User),
            new("Action", row => row.Action, Code),
            new("Resource", row => row.Resource, Code),
            new("Result", row => row.Result.ToString()),
            new("Reason", row => row.Reason),
            new("Address", row => row.Address, Code))
        {
            Note = note,
        };
    }

    public static ReportSection Declarations(IReadOnlyList<DeclarationRow> rows) => new ReportTable<DeclarationRow>(
        "declarations",
        "Declarations in force",
        ReportJson.Default.DeclarationRow,
        rows.ToAsyncEnumerable(),
        new("Position", row => ReportTexts.Of(row.Position), Number),
        new("Time", row => ReportTexts.Of(row.Time), Time),
        new("Financial streams", row => ReportTexts.Of(row.Financial), Code),
        new("Separate duties", row => ReportTexts.Of(row.Duties), Code),
        new("Activities", row => ReportTexts.Of(row.Activities), Number),
        new("Places", row => ReportTexts.Of(row.Places), Number))
    {
        Note = "What the application declared for its reports. The last one applies, with the financial streams and "
            + "the duties of all.",
    };

    public static ReportSection Activities(IReadOnlyList<ProcessingActivity> activities) =>
        new ReportTable<ProcessingActivity>(
            "activities",
            "Records of processing activities",
            ReportJson.Default.ProcessingActivity,
            activities.ToAsyncEnumerable(),
            new("Activity", row => row.Name),
            new("Purpose", row => row.Purpose),
            new("Legal basis", row => row.LegalBasis),
            new("Subjects", row => ReportTexts.Of(row.Subjects)),
            new("Data", row => ReportTexts.Of(row.Data)),
            new("Recipients", row => ReportTexts.Of(row.Recipients)),
            new("Transfers", row => row.Transfers.Count == 0 ? "none" : ReportTexts.Of(row.Transfers)),
            new("Erased after", row => row.Retention) { IsBad = row => row.Retention is null },
            new("Measures", row => ReportTexts.Of(row.Measures)))
        {
            Note = "As the application declares them (GDPR, article 30).",
        };

    public static ReportSection Places(IReadOnlyList<DataPlace> places) => new ReportTable<DataPlace>(
        "places",
        "Places of personal data",
        ReportJson.Default.DataPlace,
        places.ToAsyncEnumerable(),
        new("In", row => row.In),
        new("Name", row => row.Name, Code),
        new("Member", row => row.Path, Code),
        new("Kind", row => row.Kind),
        new("Subject", row => row.Subject, Code),
        new("From", row => ReportTexts.Of(row.From), Code),
        new("Encrypted", row => row.IsEncrypted is { } isEncrypted ? ReportTexts.Of(isEncrypted) : "unknown")
        {
            IsBad = row => row.IsEncrypted != true,
        })
    {
        Note = "From the marks in the model, with the read models that receive their values.",
    };

    public static ReportSection Requests(IReadOnlyList<RequestRow> requests) => new ReportTable<RequestRow>(
        "requests",
        "Requests of data subjects",
        ReportJson.Default.RequestRow,
        requests.ToAsyncEnumerable(),
        new("Request", row => row.Id, Code),
        new("Subject", row => row.Subject, Code),
        new("Data", row => row.Kinds.Count == 0 ? "all" : ReportTexts.Of(row.Kinds)),
        new("Received", row => ReportTexts.Of(row.ReceivedAt), Time),
        new("Due (UTC)", row => ReportTexts.Of(row.Due) + (row.IsExtended ? " (extended)" : ""), Time),
        new("Ended", row => ReportTexts.Of(row.EndedAt), Time),
        new("Deadline", row => TextOf(row.Status))
        {
            IsBad = row => row.Status is RequestStatus.Overdue or RequestStatus.Late,
        },
        new("State", row => row.State.ToString())
        {
            IsBad = row => row.State is ErasureState.Incomplete or ErasureState.Stopped,
        },
        new("Reason", row => row switch
        {
            { Refusal: { } refusal } => $"{row.Reason}. Refused: {refusal}",
            { StopReason: { } stopped } => $"{row.Reason}. Stopped: {stopped}",
            _ => row.Reason,
        }),
        new("By", row => row.By),
        new("Certificate file (SHA-256)", row => row.IsCertificateChanged ? "CHANGED" : row.Certificate, Code)
        {
            IsBad = row => row.IsCertificateChanged,
        })
    {
        Note = "Received before the end of the period, and not ended before its start. The states are those at the "
            + "creation of the report. A request must be answered within one month, or three if it was extended "
            + "(GDPR, article 12(3)). Deadlines end with the day in UTC.",
    };

    public static ReportSection Holds(IReadOnlyList<LegalHold> holds) => new ReportTable<HoldRow>(
        "legalHolds",
        "Active legal holds",
        ReportJson.Default.HoldRow,
        holds.Select(hold => new HoldRow(hold.Subject, hold.Reason, hold.By, hold.At, hold.Until)).ToAsyncEnumerable(),
        new("Subject", row => row.Subject, Code),
        new("Since", row => ReportTexts.Of(row.Since), Time),
        new("Until", row => ReportTexts.Of(row.Until), Time),
        new("By", row => row.By),
        new("Reason", row => row.Reason));

    public static ReportSection Removals(IReadOnlyList<RemovalRow> rows) => new ReportTable<RemovalRow>(
        "removals",
        "Removals",
        ReportJson.Default.RemovalRow,
        rows.ToAsyncEnumerable(),
        new("Time", row => ReportTexts.Of(row.Time), Time),
        new("Stream", row => row.Stream, Code),
        new("Kind", row => row.Kind),
        new("Versions", row => $"{ReportTexts.Of(row.FromVersion)} to {ReportTexts.Of(row.ToVersion)}", Number),
        new("Events", row => ReportTexts.Of(row.Events), Number),
        new("User", row => row.User),
        new("Reason", row => row.Reason))
    {
        Note = "Removals of events since the start of the period, also after its end, from the streams of this report, "
            + "the audit trail ($audit), the rights ($access) and the declarations ($reports).",
    };

    private static string TextOf(RequestStatus status) => status switch
    {
        RequestStatus.InTime => "in time",
        RequestStatus.Late => "late",
        RequestStatus.Overdue => "overdue",
        _ => "open",
    };
}
