using System.Globalization;
using Spectre.Console;

namespace Millrace.Cli.Output;

/// <summary>
/// A table that fits the terminal. If the table is too wide, empty columns are omitted. If the table is still too wide,
/// each row is written as a list of facts.
/// </summary>
internal sealed class TextTable
{
    private const int Padding = 3; // For each column: a space on each side, and one character of the border.

    private const int MinValueWidth = 14;

    private readonly string[] _columns;
    private readonly List<string[]> _rows = [];

    /// <summary>
    /// Creates a table. A title with <c>#</c> aligns the numbers of the column to the right. A title with <c>~</c>
    /// allows line breaks within the words of the column.
    /// </summary>
    public TextTable(params string[] columns) => _columns = columns;

    private bool HasNoTitles => _columns.All(column => column.Length == 0);

    /// <summary>Creates a list of names and values, without titles.</summary>
    public static TextTable OfFacts() => new("", "");

    public static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public TextTable Add(params string[] cells)
    {
        _rows.Add([.. cells.Select(TerminalText.OneLine)]);
        return this;
    }

    /// <summary>Creates a table whose first column is the shard, if the store consists of shards.</summary>
    public static TextTable Of(OpenStore open, params string[] columns) =>
        new(open.Shards is null ? columns : ["shard", .. columns]);

    /// <summary>Adds a row of a shard; null without shards.</summary>
    public TextTable AddIn(string? shard, string[] cells) => Add(shard is null ? cells : [shard, .. cells]);

    /// <summary>Writes the table, or the sentence <paramref name="empty"/> when the table has no rows.</summary>
    public void Write(ToolInvocation call, string? empty = null)
    {
        if (_rows.Count == 0 && empty is not null)
        {
            call.Line(empty);
            return;
        }
        var width = call.Console.Profile.Width;
        int[] allColumns = [.. Enumerable.Range(0, _columns.Length)];
        var columns = HasNoTitles || MinWidth(allColumns) <= width ? allColumns : [.. allColumns.Where(IsFilled)];
        if (MinWidth(columns) <= width)
            call.Console.Write(Table(columns, Widths(columns, width)));
        else if (HasNoTitles)
            call.Console.Write(Table(columns, []));
        else
            WriteFacts(call, columns);
    }

    private bool IsFilled(int column) => _rows.Exists(row => row[column].Length > 0);

    /// <summary>Returns the minimum width of the table. Only columns with a <c>~</c> may break words.</summary>
    private int MinWidth(int[] columns) => 1 + columns.Sum(column => Padding + MinWidth(column));

    private int MinWidth(int column)
    {
        var longest = _rows.Select(row => row[column]).Append(Title(column))
            .Max(static text => text.Split(' ').Max(static word => word.Length));
        return _columns[column].StartsWith('~') ? Math.Min(longest, MinValueWidth) : longest;
    }

    /// <summary>
    /// Returns the width of each column. Each column has its minimum width. The remaining width is distributed from
    /// left to right.
    /// </summary>
    private int[] Widths(int[] columns, int width)
    {
        var widths = columns.Select(MinWidth).ToArray();
        var remaining = width - MinWidth(columns);
        for (var i = 0; i < columns.Length; i++)
        {
            var ideal = _rows.Select(row => row[columns[i]]).Append(Title(columns[i])).Max(static text => text.Length);
            var extra = Math.Clamp(ideal - widths[i], 0, remaining);
            (widths[i], remaining) = (widths[i] + extra, remaining - extra);
        }
        return widths;
    }

    private Table Table(int[] columns, int[] widths)
    {
        var table = new Table { Border = TableBorder.Simple, UseSafeBorder = true, ShowHeaders = !HasNoTitles };
        foreach (var (index, column) in columns.Index())
        {
            table.AddColumn(new TableColumn(new Text(Title(column)))
            {
                Alignment = _columns[column].StartsWith('#') ? Justify.Right : Justify.Left,
                Width = widths.Length == 0 ? null : widths[index],
            });
        }
        foreach (var row in _rows)
            table.AddRow(columns.Select(column => new Text(row[column])));
        return table;
    }

    private void WriteFacts(ToolInvocation call, int[] columns)
    {
        foreach (var row in _rows)
        {
            var facts = OfFacts();
            foreach (var column in columns.Where(column => row[column].Length > 0))
                facts.Add(Title(column), row[column]);
            facts.Write(call);
        }
    }

    private string Title(int column) => _columns[column].TrimStart('#', '~');
}
