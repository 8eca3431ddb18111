using System.Globalization;
using Spectre.Console;

namespace Millrace.Cli;

/// <summary>A table for people that fits their terminal.</summary>
internal sealed class Rows
{
    private readonly Table _table = new() { Border = TableBorder.Simple, UseSafeBorder = true };

    /// <summary>Makes a table; a column whose title begins with <c>#</c> holds numbers and is aligned to the right.</summary>
    public Rows(params string[] columns)
    {
        foreach (var column in columns)
        {
            var isNumber = column.StartsWith('#');
            _table.AddColumn(new TableColumn(new Text(column.TrimStart('#'))) { Alignment = isNumber ? Justify.Right : Justify.Left });
        }
    }

    /// <summary>A list of facts: names and values, without titles.</summary>
    public static Rows OfFacts()
    {
        var rows = new Rows("", "");
        rows._table.ShowHeaders = false;
        return rows;
    }

    public static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public Rows Add(params string[] cells)
    {
        _table.AddRow(cells.Select(cell => new Text(Printable.OneLine(cell))));
        return this;
    }

    public void Write(ToolCall call) => call.Console.Write(_table);
}
