namespace Millrace.Reporting;

/// <summary>Creates the sections of the report about the retention of data.</summary>
internal static class RetentionTables
{
    private const string Number = "n";
    private const string Code = "c";
    private const string Time = "t";

    public static ReportSection Policies(IReadOnlyList<RetentionPolicyRow> rows) =>
        new ReportTable<RetentionPolicyRow>(
            "policies",
            "Policies in force",
            ReportJson.Default.RetentionPolicyRow,
            rows.ToAsyncEnumerable(),
            new("Policy", row => row.Policy),
            new("Since", row => ReportTexts.Of(row.Since), Time),
            new("Until", row => ReportTexts.Of(row.Until), Time),
            new("Position", row => ReportTexts.Of(row.Position), Number))
        {
            Note = "As the application recorded them when it started.",
        };

    public static ReportSection Runs(IReadOnlyList<RetentionRunRow> rows) => new ReportTable<RetentionRunRow>(
        "runs",
        "Runs",
        ReportJson.Default.RetentionRunRow,
        rows.ToAsyncEnumerable(),
        new("Run", row => row.Id, Code),
        new("By", row => row.By),
        new("Started", row => ReportTexts.Of(row.StartedAt), Time),
        new("Ended", TextOfEnd, Time) { IsBad = row => row.EndedAt is null || row.StopReason is not null },
        new("Streams", row => ReportTexts.Of(row.Streams), Number),
        new("Events", row => ReportTexts.Of(row.Events), Number),
        new("Bytes", row => ReportTexts.Of(row.Bytes), Number),
        new("Archive files", row => ReportTexts.Of(row.Archives), Number),
        new("Erased subjects", row => ReportTexts.Of(row.ErasedSubjects), Number),
        new("Kept", row => ReportTexts.Of(row.Kept), Number))
    {
        Note = "Started before the end of the period, and not ended before its start. A run that starts before the "
            + "end is shown as it was when the report was created.",
    };

    public static ReportSection Results(IReadOnlyList<RetentionRun> runs) => new ReportTable<RetentionResultRow>(
        "results",
        "Results of each policy",
        ReportJson.Default.RetentionResultRow,
        RowsOf<RetentionResultRow>(runs, (run, result) =>
        [
            new RetentionResultRow(
                run.Id, result.Policy, result.Streams, result.Events, result.Bytes, result.ErasedSubjects,
                result.ReadModels),
        ]),
        new("Run", row => row.Run, Code),
        new("Policy", row => row.Policy),
        new("Streams", row => ReportTexts.Of(row.Streams), Number),
        new("Events", row => ReportTexts.Of(row.Events), Number),
        new("Bytes", row => ReportTexts.Of(row.Bytes), Number),
        new("Erased subjects", row => ReportTexts.Of(row.ErasedSubjects), Number),
        new("Read models of the events", row => ReportTexts.Of(row.ReadModels), Code));

    public static ReportSection Archives(IReadOnlyList<RetentionRun> runs) => new ReportTable<RetentionArchiveRow>(
        "archives",
        "Archive files",
        ReportJson.Default.RetentionArchiveRow,
        RowsOf(runs, (run, result) => result.Archives.Select(archive => new RetentionArchiveRow(
            run.Id, result.Policy, archive.File, archive.Sha256, archive.Bytes, archive.Streams, archive.Events,
            archive.RemovedEvents))),
        new("Run", row => row.Run, Code),
        new("Policy", row => row.Policy),
        new("File", row => row.File, Code),
        new("SHA-256", row => row.Sha256, Code),
        new("Bytes", row => ReportTexts.Of(row.Bytes), Number),
        new("Streams", row => ReportTexts.Of(row.Streams), Number),
        new("Events", row => ReportTexts.Of(row.Events), Number),
        new("Removed events", row => ReportTexts.Of(row.RemovedEvents), Number))
    {
        Note = "Events of a file that were not removed are still in the log, or in another file of the run.",
    };

    public static ReportSection Kept(IReadOnlyList<RetentionRun> runs) => new ReportTable<RetentionKeptRow>(
        "kept",
        "Expired but kept",
        ReportJson.Default.RetentionKeptRow,
        RowsOf(runs, (run, result) => result.Kept.Select(kept => new RetentionKeptRow(
            run.Id, result.Policy, kept.Reason, kept.Count, kept.Examples))),
        new("Run", row => row.Run, Code),
        new("Policy", row => row.Policy),
        new("Reason", row => row.Reason),
        new("Count", row => ReportTexts.Of(row.Count), Number),
        new("Examples", row => ReportTexts.Of(row.Examples), Code))
    {
        Note = "Streams or data subjects that had expired when the run started.",
    };

    public static ReportSection Erasures(IAsyncEnumerable<RetentionErasureRow> rows) =>
        new ReportTable<RetentionErasureRow>(
            "erasures",
            "Erased data subjects",
            ReportJson.Default.RetentionErasureRow,
            rows,
            new("Position", row => ReportTexts.Of(row.Position), Number),
            new("Time", row => ReportTexts.Of(row.Time), Time),
            new("Run", row => row.Run, Code),
            new("Policy", row => row.Policy),
            new("Subject", row => row.Subject, Code),
            new("Erasure", row => row.Erasure, Code))
        {
            Note = "The report about personal data has the state of each erasure and its certificate.",
        };

    public static ReportSection Removals(IAsyncEnumerable<RetentionRemovalRow> rows) =>
        new ReportTable<RetentionRemovalRow>(
            "removedStreams",
            "Streams with removed events",
            ReportJson.Default.RetentionRemovalRow,
            rows,
            new("Position", row => ReportTexts.Of(row.Position), Number),
            new("Time", row => ReportTexts.Of(row.Time), Time),
            new("Run", row => row.Run, Code),
            new("Policy", row => row.Policy),
            new("Stream", row => row.Stream, Code),
            new("Through version", row => ReportTexts.Of(row.ToVersion), Number),
            new("Events", row => ReportTexts.Of(row.Events), Number),
            new("Bytes", row => ReportTexts.Of(row.Bytes), Number));

    /// <summary>Returns the end of a run. A finding contains the reason for which it was stopped.</summary>
    private static string TextOfEnd(RetentionRunRow row) => row switch
    {
        { EndedAt: null } => "not ended",
        { StopReason: not null } => $"{ReportTexts.Of(row.EndedAt)} (stopped)",
        _ => $"{ReportTexts.Of(row.EndedAt)}",
    };

    private static IAsyncEnumerable<T> RowsOf<T>(
        IReadOnlyList<RetentionRun> runs, Func<RetentionRun, RetentionResult, IEnumerable<T>> select) =>
        runs.SelectMany(run => run.Results.SelectMany(result => select(run, result))).ToAsyncEnumerable();
}
