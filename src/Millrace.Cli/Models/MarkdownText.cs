using System.Text;

namespace Millrace.Cli.Models;

/// <summary>Writes Markdown: what stands between the marks can never be taken for one.</summary>
internal sealed class MarkdownText
{
    private readonly StringBuilder _text = new();
    private bool _isList;

    public static string Code(string name) => $"`{name.Replace('`', '\'')}`";

    public MarkdownText Title(int level, string title)
    {
        EndList();
        _text.Append('#', level).Append(' ').Append(title).Append("\n\n");
        return this;
    }

    public MarkdownText Line(string line)
    {
        EndList();
        _text.Append(Safe(line)).Append("\n\n");
        return this;
    }

    public MarkdownText Item(string item)
    {
        _text.Append("- ").Append(Safe(item)).Append('\n');
        _isList = true;
        return this;
    }

    /// <summary>A list of names behind what they are; nothing when there are none.</summary>
    public MarkdownText Fact(string what, IReadOnlyCollection<string> names) =>
        names.Count == 0 ? this : Item($"{what}: {string.Join(", ", names.Select(Code))}");

    public MarkdownText Table(IReadOnlyList<string> columns, IEnumerable<string[]> rows)
    {
        EndList();
        Row(columns);
        Row(columns.Select(_ => "---"));
        foreach (var row in rows)
            Row(row);
        _text.Append('\n');
        return this;
    }

    public MarkdownText Block(string language, string code)
    {
        EndList();
        _text.Append("```").Append(language).Append('\n').Append(code.TrimEnd('\n')).Append("\n```\n\n");
        return this;
    }

    public override string ToString() => _text.ToString().TrimEnd('\n') + "\n";

    private void Row(IEnumerable<string> cells) =>
        _text.Append("| ").AppendJoin(" | ", cells.Select(cell => Safe(cell).Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");

    private void EndList()
    {
        if (_isList)
            _text.Append('\n');
        _isList = false;
    }

    private static string Safe(string text) => text.ReplaceLineEndings(" ").Replace("<", "&lt;", StringComparison.Ordinal);
}
