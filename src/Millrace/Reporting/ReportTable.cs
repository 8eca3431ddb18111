using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Millrace.Reporting;

/// <summary>A section with rows of one type.</summary>
/// <param name="name">The name of the member in JSON.</param>
/// <param name="title">The title on the page.</param>
/// <param name="type">The JSON form of a row.</param>
/// <param name="rows">The rows.</param>
/// <param name="columns">The columns on the page.</param>
internal sealed class ReportTable<T>(
    string name,
    string title,
    JsonTypeInfo<T> type,
    IAsyncEnumerable<T> rows,
    params IReadOnlyList<ReportColumn<T>> columns)
    : ReportSection(name, title)
{
    public override async Task WriteRows(ReportJsonOutput json, CancellationToken cancellationToken)
    {
        await foreach (var row in rows.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            JsonSerializer.Serialize(json.Json, row, type);
            await json.FlushIfLarge(cancellationToken).ConfigureAwait(false);
        }
    }

    public override async Task WriteRows(ReportPage page, CancellationToken cancellationToken)
    {
        var count = 0L;
        await foreach (var row in rows.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (++count > ReportPage.MaxRows)
                continue; // The rest is counted.
            if (count == 1)
                page.StartTable(Title, columns.Select(column => (column.Title, column.Style)));
            page.StartRow();
            foreach (var column in columns)
                page.Cell(column.Text(row), column.Style, column.IsBad?.Invoke(row) == true);
            page.EndRow();
            await page.FlushIfLarge(cancellationToken).ConfigureAwait(false);
        }
        if (count == 0)
            page.Paragraph("None.");
        else
            page.EndTable();
        if (count > ReportPage.MaxRows)
            page.Warning(
                $"{ReportTexts.Of(count - ReportPage.MaxRows)} more rows are not shown. The JSON form has all.");
    }
}
