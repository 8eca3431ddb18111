using System.Text;

namespace Millrace.Cli.Models;

/// <summary>
/// Writes Markdown. Callers pass text from a model through <see cref="Plain"/> or <see cref="Code"/>, which escape all
/// markup.
/// </summary>
internal sealed class MarkdownText
{
    private readonly StringBuilder _text = new();
    private bool _isList;

    /// <summary>
    /// Returns a name as a code span. The span is delimited by more backticks than the name contains in a row.
    /// </summary>
    public static string Code(string name)
    {
        var longest = 0;
        var run = 0;
        foreach (var letter in name)
        {
            run = letter == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }
        var fence = new string('`', longest + 1);
        var padding = name is ['`', ..] or [.., '`'] ? " " : "";
        return $"{fence}{padding}{name}{padding}{fence}";
    }

    /// <summary>Returns text with all markup escaped.</summary>
    public static string Plain(string text)
    {
        var safe = new StringBuilder(text.Length + 8);
        for (var index = 0; index < text.Length; index++)
        {
            if (IsMarkup(text, index))
                safe.Append('\\');
            safe.Append(text[index]);
        }
        return safe.ToString();
    }

    public MarkdownText Title(int level, string title)
    {
        EndList();
        _text.Append('#', level).Append(' ').Append(OnOneLine(Plain(title))).Append("\n\n");
        return this;
    }

    public MarkdownText Line(string line)
    {
        EndList();
        _text.Append(OnOneLine(line)).Append("\n\n");
        return this;
    }

    public MarkdownText Item(string item)
    {
        _text.Append("- ").Append(OnOneLine(item)).Append('\n');
        _isList = true;
        return this;
    }

    /// <summary>Adds a label and a list of names. Adds nothing when the list is empty.</summary>
    public MarkdownText Fact(string label, IReadOnlyCollection<string> names) =>
        names.Count == 0 ? this : Item($"{Plain(label)}: {string.Join(", ", names.Select(Code))}");

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
        _text
            .Append("| ")
            .AppendJoin(" | ", cells.Select(cell => OnOneLine(cell).Replace("|", "\\|", StringComparison.Ordinal)))
            .Append(" |\n");

    private void EndList()
    {
        if (_isList)
            _text.Append('\n');
        _isList = false;
    }

    private static bool IsMarkup(string text, int index) =>
        text[index] switch
        {
            '\\' or '`' or '*' or '[' or '<' or '~' => true,
            '_' => !(IsWord(text, index - 1) && IsWord(text, index + 1)),
            '&' => index + 1 < text.Length && (text[index + 1] == '#' || char.IsAsciiLetter(text[index + 1])),
            '#' or '>' or '-' or '+' or '=' => index == 0,
            // A list that starts with a number.
            '.' or ')' => index > 0 && text.AsSpan(0, index).IndexOfAnyExceptInRange('0', '9') < 0,
            _ => false,
        };

    private static bool IsWord(string text, int index) =>
        index >= 0 && index < text.Length && char.IsLetterOrDigit(text[index]);

    private static string OnOneLine(string text) => text.ReplaceLineEndings(" ");
}
