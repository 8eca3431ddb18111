using System.Globalization;
using System.Text;
using Millrace.Cli.Output;

namespace Millrace.Cli.Sql.Editing;

/// <summary>
/// Edits statements of several lines in a terminal, with the history of statements and completion. Decision 0443 states
/// why this is not a library.
/// </summary>
/// <param name="terminal">The terminal.</param>
/// <param name="history">The statements of the user.</param>
/// <param name="complete">Returns the completions of a text before the cursor.</param>
internal sealed class StatementEditor(
    ITerminal terminal,
    StatementHistory history,
    Func<string, CancellationToken, ValueTask<WordCompletion>> complete) : ISqlInput
{
    private const int MaxCandidates = 100;
    private const string ClearBelow = "\u001b[J";
    private const string ClearScreen = "\u001b[H\u001b[2J";

    private readonly EditedText _text = new();

    // The entry of the history that is shown; the number of entries for the text of the user.
    private int _entry;
    private string _typed = "";

    // The row of the cursor, from the first row of the shown part.
    private int _shownRow;

    public async ValueTask<string?> Read(CancellationToken cancellationToken)
    {
        Start();
        while (true)
        {
            var key = await terminal.ReadKey(cancellationToken);
            switch (Keys.CommandOf(key))
            {
                case EditCommand.Enter when IsAccepted():
                    ShowAll();
                    return Accept();
                case EditCommand.Enter:
                    _text.Insert("\n");
                    break;
                case EditCommand.Stop:
                    ShowAll("^C");
                    Start();
                    continue;
                case EditCommand.EndOfInput when _text.Text.Length == 0:
                    ShowAll();
                    return null;
                case EditCommand.EndOfInput:
                    _text.Apply(EditCommand.DeleteAfter);
                    break;
                case EditCommand.Complete when terminal.HasKeys:
                    _text.Insert("\t"); // Of a pasted text.
                    break;
                case EditCommand.Complete:
                    await Complete(cancellationToken);
                    break;
                case EditCommand.Clear:
                    terminal.Write(ClearScreen);
                    _shownRow = 0;
                    break;
                case EditCommand.Insert:
                    _text.Insert(key.KeyChar.ToString());
                    break;
                case var command:
                    Move(command);
                    break;
            }
            if (!terminal.HasKeys)
                Show();
        }
    }

    public Task WaitForStop(CancellationToken cancellationToken) => terminal.WaitForStop(cancellationToken);

    private void Start()
    {
        _text.Set("");
        (_entry, _typed, _shownRow) = (history.Statements.Count, "", 0);
        Show();
    }

    private bool IsAccepted() =>
        string.IsNullOrWhiteSpace(_text.Text) || SqlShell.IsComplete(_text.Text);

    private string Accept()
    {
        if (!string.IsNullOrWhiteSpace(_text.Text))
            history.Add(_text.Text);
        return _text.Text;
    }

    /// <summary>Moves the cursor, or to another entry of the history at the first and last line.</summary>
    private void Move(EditCommand command)
    {
        if (_text.Apply(command) || command is not (EditCommand.Up or EditCommand.Down))
            return;
        var entry = Math.Clamp(_entry + (command == EditCommand.Up ? -1 : 1), 0, history.Statements.Count);
        if (entry == _entry)
            return;
        if (_entry == history.Statements.Count)
            _typed = _text.Text;
        _entry = entry;
        _text.Set(entry == history.Statements.Count ? _typed : history.Statements[entry]);
    }

    private async Task Complete(CancellationToken cancellationToken)
    {
        var completion = await complete(_text.Before, cancellationToken);
        if (completion.Candidates.Count == 0)
        {
            if (completion.Length == 0)
                _text.Insert("  ");
        }
        else if (completion.Candidates.Count == 1 || completion.Common.Length > completion.Length)
            _text.Replace(completion.Length, completion.Common);
        else
        {
            ShowAll();
            terminal.Write(ListOf(completion.Candidates) + "\r\n");
        }
    }

    /// <summary>Returns candidates in columns.</summary>
    private string ListOf(IReadOnlyList<string> candidates)
    {
        var shown = candidates.Take(MaxCandidates).Select(TerminalText.OneLine).ToArray();
        var width = shown.Max(TextLayout.CellsOf) + 2;
        var columns = Math.Max(1, (terminal.Width - 1) / width);
        var list = new StringBuilder();
        foreach (var row in shown.Chunk(columns))
        {
            foreach (var name in row)
                list.Append(name).Append(' ', width - TextLayout.CellsOf(name));
            list.Append("\r\n");
        }
        if (candidates.Count > MaxCandidates)
            list.Append(
                CultureInfo.InvariantCulture, $"… and {candidates.Count - MaxCandidates} more\r\n");
        list.Length -= 2;
        return list.ToString();
    }

    /// <summary>Shows the text instead of what is shown. Of a text with more rows than the terminal, the rows around
    /// the cursor.</summary>
    private void Show()
    {
        var layout = TextLayout.Of(_text, SqlShell.Prompt, SqlShell.FurtherPrompt, terminal.Width);
        var maxRows = Math.Max(1, terminal.Height - 1);
        var first = Math.Max(0, layout.Row - maxRows + 1);
        var rows = layout.Rows.Skip(first).Take(maxRows).ToArray();
        var output = Home().Append(string.Join("\r\n", rows));
        _shownRow = layout.Row - first;
        Up(output, rows.Length - 1 - _shownRow);
        output.Append('\r');
        Right(output, layout.Column);
        terminal.Write(output.ToString());
    }

    /// <summary>Shows the whole text, and moves below it.</summary>
    private void ShowAll(string end = "")
    {
        var layout = TextLayout.Of(_text, SqlShell.Prompt, SqlShell.FurtherPrompt, terminal.Width);
        terminal.Write(Home().Append(string.Join("\r\n", layout.Rows)).Append(end).Append("\r\n").ToString());
        _shownRow = 0;
    }

    /// <summary>Returns the sequence that moves to the first shown row, and clears from there.</summary>
    private StringBuilder Home()
    {
        var output = new StringBuilder();
        Up(output, _shownRow);
        return output.Append('\r').Append(ClearBelow);
    }

    private static void Up(StringBuilder output, int rows)
    {
        if (rows > 0)
            output.Append(CultureInfo.InvariantCulture, $"\u001b[{rows}A");
    }

    private static void Right(StringBuilder output, int columns)
    {
        if (columns > 0)
            output.Append(CultureInfo.InvariantCulture, $"\u001b[{columns}C");
    }
}
