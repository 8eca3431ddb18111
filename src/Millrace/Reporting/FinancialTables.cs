namespace Millrace.Reporting;

/// <summary>Creates the sections of the report about financial data.</summary>
internal static class FinancialTables
{
    private const string Number = "n";
    private const string Code = "c";
    private const string Time = "t";

    public static ReportSection Duties(IReadOnlyList<DutyRule> rules) => new ReportTable<DutyRule>(
        "duties",
        "Separate duties",
        ReportJson.Default.DutyRule,
        rules.ToAsyncEnumerable(),
        new("Duty", row => row.First, Code),
        new("Separate from", row => row.Second, Code),
        new("Reason", row => row.Reason));

    public static ReportSection Conflicts(IReadOnlyList<DutyConflictRow> rows) => new ReportTable<DutyConflictRow>(
        "dutyConflicts",
        "Violations of separate duties",
        ReportJson.Default.DutyConflictRow,
        rows.ToAsyncEnumerable(),
        new("Holder", row => row.Holder, Code),
        new("Duties", row => $"{row.First} / {row.Second}", Code),
        new("Violation", row => row.Kind == DutyConflictRow.Held ? "has both rights" : "did both"),
        new("Since", row => ReportTexts.Of(row.Since), Time),
        new("Until", row => ReportTexts.Of(row.Until), Time),
        new("Stream", row => row.Stream, Code),
        new("Positions", TextOfPositions, Number))
    {
        Note = "Users and roles that had both rights in the period, and users who sent both commands to a stream.",
    };

    public static ReportSection Roles(IEnumerable<RoleRow> roles) => new ReportTable<RoleRow>(
        "roles",
        "Roles at the end of the period",
        ReportJson.Default.RoleRow,
        roles.ToAsyncEnumerable(),
        new("Role", row => row.Role, Code),
        new("Rights", row => ReportTexts.Of(row.Rights), Code));

    public static ReportSection Changes(IAsyncEnumerable<ChangeRow> rows) => new ReportTable<ChangeRow>(
        "changes",
        "Changes of financial streams",
        ReportJson.Default.ChangeRow,
        rows,
        new("Position", row => ReportTexts.Of(row.Position), Number),
        new("Time", row => ReportTexts.Of(row.Time), Time),
        new("Stream", row => row.Stream, Code),
        new("Version", row => ReportTexts.Of(row.Version), Number),
        new("Event", row => row.Type, Code),
        new("User", row => row.User),
        new("Command", row => row.Command, Code),
        new("Reason", row => row.Reason),
        new("Seal", row => ReportTexts.Of(row.SealNumber), Number),
        new("Status", row => TextOf(row.Seal))
        {
            IsBad = row => row.Seal is SealStatus.Changed or SealStatus.Doubtful or SealStatus.Unsealed,
        })
    {
        Note = "Each event with the command and the user that caused it. The reason is the extension 'reason' of its "
            + "metadata. Values of events are not part of the report.",
    };

    private static string TextOfPositions(DutyConflictRow row) => row.SecondPosition is { } second
        ? $"{ReportTexts.Of(row.FirstPosition)}, {ReportTexts.Of(second)}"
        : ReportTexts.Of(row.FirstPosition) ?? "";

    private static string TextOf(SealStatus status) => status switch
    {
        SealStatus.Unsealed => "not sealed",
        SealStatus.Sealed => "sealed, not verified",
        SealStatus.Verified => "verified",
        SealStatus.Doubtful => "doubtful",
        _ => "CHANGED",
    };
}
