namespace Millrace.Reporting;

/// <summary>A column of a table on a page.</summary>
/// <param name="Title">The title.</param>
/// <param name="Text">Returns the text of a row; null for an empty cell.</param>
/// <param name="Style">The class of its cells: <c>n</c> for numbers, <c>c</c> for names; null for texts.</param>
internal sealed record ReportColumn<T>(string Title, Func<T, string?> Text, string? Style = null)
{
    /// <summary>Gets whether a row needs attention, which the cell then shows; null if no row does.</summary>
    public Func<T, bool>? IsBad { get; init; }
}
