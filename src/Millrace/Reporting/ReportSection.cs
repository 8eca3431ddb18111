namespace Millrace.Reporting;

/// <summary>A section of a report: a table whose rows are streamed to the output.</summary>
/// <param name="name">The name of the member in JSON.</param>
/// <param name="title">The title on the page.</param>
internal abstract class ReportSection(string name, string title)
{
    public string Name => name;

    public string Title => title;

    /// <summary>Gets a sentence that explains the section; null if the title is enough.</summary>
    public string? Note { get; init; }

    /// <summary>Writes the rows as the items of an array.</summary>
    public abstract Task WriteRows(ReportJsonOutput json, CancellationToken cancellationToken);

    /// <summary>Writes the rows as a table.</summary>
    public abstract Task WriteRows(ReportPage page, CancellationToken cancellationToken);
}
