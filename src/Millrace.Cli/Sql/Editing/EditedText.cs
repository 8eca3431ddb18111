using System.Globalization;

namespace Millrace.Cli.Sql.Editing;

/// <summary>A text of several lines with a cursor. The cursor is never within a character.</summary>
internal sealed class EditedText
{
    /// <summary>Gets the text. Its lines end with U+000A.</summary>
    public string Text { get; private set; } = "";

    /// <summary>Gets the index of the character after the cursor.</summary>
    public int Cursor { get; private set; }

    /// <summary>Gets the text before the cursor.</summary>
    public string Before => Text[..Cursor];

    /// <summary>Replaces the text, and moves the cursor to its end.</summary>
    public void Set(string text)
    {
        Text = text.ReplaceLineEndings("\n");
        Cursor = Text.Length;
    }

    public void Insert(string text) => Replace(0, text);

    /// <summary>Replaces characters before the cursor.</summary>
    public void Replace(int lengthBefore, string text)
    {
        var start = Cursor - lengthBefore;
        Text = string.Concat(Text.AsSpan(0, start), text, Text.AsSpan(Cursor));
        Cursor = start + text.Length;
    }

    /// <summary>Moves or deletes, and returns whether anything changed.</summary>
    public bool Apply(EditCommand command) => command switch
    {
        EditCommand.Left => MoveTo(CharacterStart()),
        EditCommand.Right => MoveTo(CharacterEnd()),
        EditCommand.WordLeft => MoveTo(WordStart()),
        EditCommand.WordRight => MoveTo(WordEnd()),
        EditCommand.LineStart => MoveTo(LineStart(Cursor)),
        EditCommand.LineEnd => MoveTo(LineEnd(Cursor)),
        EditCommand.Up => LineStart(Cursor) > 0 && MoveToLine(LineStart(Cursor) - 1),
        EditCommand.Down => LineEnd(Cursor) < Text.Length && MoveToLine(LineEnd(Cursor) + 1),
        EditCommand.DeleteBefore => Delete(CharacterStart(), Cursor),
        EditCommand.DeleteAfter => Delete(Cursor, CharacterEnd()),
        EditCommand.DeleteWord => Delete(WordStart(), Cursor),
        EditCommand.DeleteToLineStart => Delete(LineStart(Cursor), Cursor),
        EditCommand.DeleteToLineEnd => Delete(Cursor, LineEnd(Cursor)),
        _ => false,
    };

    private bool MoveTo(int cursor)
    {
        var isMoved = cursor != Cursor;
        Cursor = cursor;
        return isMoved;
    }

    /// <summary>Moves to the line with an index, to the column of the cursor or the end of a shorter line.</summary>
    private bool MoveToLine(int index)
    {
        var column = Cursor - LineStart(Cursor);
        var start = LineStart(index);
        var cursor = Math.Min(start + column, LineEnd(start));
        return MoveTo(CharacterBoundary(cursor));
    }

    private bool Delete(int start, int end)
    {
        if (start == end)
            return false;
        Text = Text.Remove(start, end - start);
        Cursor = start;
        return true;
    }

    private int LineStart(int index) => index == 0 ? 0 : Text.LastIndexOf('\n', index - 1) + 1;

    private int LineEnd(int index) => Text.IndexOf('\n', index) is >= 0 and var end ? end : Text.Length;

    private int CharacterStart() => Cursor == 0 ? 0 : CharacterBoundary(Cursor - 1);

    private int CharacterEnd() =>
        Cursor == Text.Length ? Cursor : Cursor + StringInfo.GetNextTextElementLength(Text.AsSpan(Cursor));

    /// <summary>Returns the start of the character that has the code unit at an index.</summary>
    private int CharacterBoundary(int index)
    {
        var start = LineStart(index);
        while (start < index)
        {
            var next = start + StringInfo.GetNextTextElementLength(Text.AsSpan(start));
            if (next > index)
                break;
            start = next;
        }
        return start;
    }

    private int WordStart()
    {
        var index = Cursor;
        while (index > 0 && !IsWord(Text[index - 1]))
            index--;
        while (index > 0 && IsWord(Text[index - 1]))
            index--;
        return CharacterBoundary(index);
    }

    private int WordEnd()
    {
        var index = Cursor;
        while (index < Text.Length && !IsWord(Text[index]))
            index++;
        while (index < Text.Length && IsWord(Text[index]))
            index++;
        return index;
    }

    private static bool IsWord(char unit) => char.IsLetterOrDigit(unit) || unit == '_' || char.IsSurrogate(unit);
}
