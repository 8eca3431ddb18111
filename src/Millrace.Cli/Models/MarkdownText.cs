using System.Text;

namespace Millrace.Cli.Models;

/// <summary>
/// Writes Markdown. Text from a model is added by <see cref="Plain"/> or <see cref="Code"/>, which escape all markup.
/// </summary>
internal sealed class MarkdownText
{
    private readonly StringBuilder _text = new();
    private bool _isList;

    /// <summary>Adds a name as a code span, delimited by more backticks than it contains.</summary>
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
        var room = name is ['`', ..] or [.., '`'] ? " " : "";
        return $"{fence}{room}{name}{room}{fence}";
    }

    /// <summary>Adds text with all markup escaped.</summary>
    public static string Plain(string text)
    {
        var safe = new StringBuilder(text.Length + 8);
        for (var at = 0; at < text.Length; at++)
        {
            if (IsMark(text, at))
                safe.Append('\\');
            safe.Append(text[at]);
        }
        return safe.ToString();
    }

    public MarkdownText Title(int level, string title)
    {
        EndList();
        _text.Append('#', level).Append(' ').Append(Whole(Plain(title))).Append("\n\n");
        return this;
    }

    public MarkdownText Line(string line)
    {
        EndList();
        _text.Append(Whole(line)).Append("\n\n");
        return this;
    }

    public MarkdownText Item(string item)
    {
        _text.Append("- ").Append(Whole(item)).Append('\n');
        _isList = true;
        return this;
    }

    /// <summary>Adds a label and a list of names. Adds nothing when the list is empty.</summary>
    public MarkdownText Fact(string what, IReadOnlyCollection<string> names) =>
        names.Count == 0 ? this : Item($"{Plain(what)}: {string.Join(", ", names.Select(Code))}");

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
            .AppendJoin(" | ", cells.Select(cell => Whole(cell).Replace("|", "\\|", StringComparison.Ordinal)))
            .Append(" |\n");

    private void EndList()
    {
        if (_isList)
            _text.Append('\n');
        _isList = false;
    }

    private static bool IsMark(string text, int at) =>
        text[at] switch
        {
            '\\' or '`' or '*' or '[' or '<' or '~' => true,
            '_' => !(IsWord(text, at - 1) && IsWord(text, at + 1)),
            '&' => at + 1 < text.Length && (text[at + 1] == '#' || char.IsAsciiLetter(text[at + 1])),
            '#' or '>' or '-' or '+' or '=' => at == 0,
            // A list that starts with a number.
            '.' or ')' => at > 0 && text.AsSpan(0, at).IndexOfAnyExceptInRange('0', '9') < 0,
            _ => false,
        };

    private static bool IsWord(string text, int at) => at >= 0 && at < text.Length && char.IsLetterOrDigit(text[at]);

    private static string Whole(string text) => text.ReplaceLineEndings(" ");
}
