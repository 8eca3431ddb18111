using System.Globalization;
using System.Text;
using Spectre.Console;

namespace Millrace.Cli.Sql.Editing;

/// <summary>The rows of a terminal that show a text, and the place of the cursor in them.</summary>
/// <param name="Rows">The rows, which are shorter than the terminal is wide.</param>
/// <param name="Row">The row of the cursor.</param>
/// <param name="Column">The column of the cursor.</param>
internal sealed record TextLayout(IReadOnlyList<string> Rows, int Row, int Column)
{
    private const int TabWidth = 4;

    /// <summary>Lays out a text.</summary>
    /// <param name="text">The text with the cursor.</param>
    /// <param name="prompt">The prompt of the first line.</param>
    /// <param name="furtherPrompt">The prompt of further lines.</param>
    /// <param name="width">The number of columns of the terminal.</param>
    public static TextLayout Of(EditedText text, string prompt, string furtherPrompt, int width)
    {
        // The last column stays empty: terminals differ in where the cursor is after it.
        var maxColumns = Math.Max(prompt.Length + 2, width - 1);
        var rows = new List<string>();
        var row = new StringBuilder(prompt);
        var column = prompt.Length;
        var cursor = (Row: 0, Column: column);
        for (var index = 0; index <= text.Text.Length;)
        {
            if (index == text.Cursor)
                cursor = (rows.Count, column);
            if (index == text.Text.Length)
                break;
            var length = StringInfo.GetNextTextElementLength(text.Text.AsSpan(index));
            var shown = Shown(text.Text.AsSpan(index, length));
            var cells = CellsOf(shown);
            var isLineEnd = text.Text[index] == '\n';
            if (isLineEnd || column + cells > maxColumns)
            {
                rows.Add(row.ToString());
                row.Clear().Append(isLineEnd ? furtherPrompt : "");
                column = row.Length;
                if (!isLineEnd && index == text.Cursor)
                    cursor = (rows.Count, column);
            }
            if (!isLineEnd)
            {
                row.Append(shown);
                column += cells;
            }
            index += length;
        }
        rows.Add(row.ToString());
        return new TextLayout(rows, cursor.Row, cursor.Column);
    }

    /// <summary>Returns the number of columns that a text takes.</summary>
    public static int CellsOf(string text) => text.GetCellWidth();

    /// <summary>Returns a character as it is shown: control characters cannot move the cursor.</summary>
    private static string Shown(ReadOnlySpan<char> character) =>
        character is ['\t'] ? new string(' ', TabWidth)
        : Rune.DecodeFromUtf16(character, out var rune, out _) != System.Buffers.OperationStatus.Done
            || Rune.GetUnicodeCategory(rune)
                is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.NonSpacingMark
            ? "?"
        : character.ToString();
}
