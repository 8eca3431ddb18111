namespace Millrace.Reporting;

/// <summary>A report before it is written: the summary in memory, and the sections, whose rows are streamed.</summary>
internal sealed record ReportContent
{
    public required ReportKind Kind { get; init; }

    public required string Title { get; init; }

    public required ReportPeriod Period { get; init; }

    public DataController? Controller { get; init; }

    public required ReportFindings Findings { get; init; }

    public required IReadOnlyList<ReportFact> Facts { get; init; }

    public required IReadOnlyList<ReportSection> Sections { get; init; }

    /// <summary>What the report does not cover.</summary>
    public required IReadOnlyList<string> Limits { get; init; }
}
