namespace Millrace.Reporting;

/// <summary>A declaration of the application that was in force in the period.</summary>
internal sealed record DeclarationRow(
    long Position, DateTimeOffset Time, IReadOnlyList<string> Financial, IReadOnlyList<string> Duties, long Activities,
    long Places)
{
    public static DeclarationRow Of(ReportDeclaration declared, long position, DateTimeOffset time) => new(
        position, time, declared.Financial, [.. declared.Duties.Select(duty => duty.ToString())],
        declared.Activities.Count, declared.Places.Count);
}
