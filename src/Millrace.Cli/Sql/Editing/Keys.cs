namespace Millrace.Cli.Sql.Editing;

/// <summary>Keys with a meaning, independent of how a terminal reports them.</summary>
internal static class Keys
{
    public const char Stop = '\u0003'; // Ctrl-C.
    public const char EndOfInput = '\u0004'; // Ctrl-D.

    private const char Escape = '\u001b';
    private const char Delete = '\u007f';

    /// <summary>Returns whether a key is Ctrl-C.</summary>
    public static bool IsStop(ConsoleKeyInfo key) => key.KeyChar == Stop;

    /// <summary>Returns the editing command of a key.</summary>
    public static EditCommand CommandOf(ConsoleKeyInfo key)
    {
        var isWord = (key.Modifiers & (ConsoleModifiers.Control | ConsoleModifiers.Alt)) != 0;
        return key.Key switch
        {
            ConsoleKey.Enter => EditCommand.Enter,
            ConsoleKey.Backspace when isWord && key.KeyChar is not '\b' => EditCommand.DeleteWord,
            ConsoleKey.Backspace => EditCommand.DeleteBefore,
            ConsoleKey.Delete => EditCommand.DeleteAfter,
            ConsoleKey.LeftArrow => isWord ? EditCommand.WordLeft : EditCommand.Left,
            ConsoleKey.RightArrow => isWord ? EditCommand.WordRight : EditCommand.Right,
            ConsoleKey.UpArrow => EditCommand.Up,
            ConsoleKey.DownArrow => EditCommand.Down,
            ConsoleKey.Home => EditCommand.LineStart,
            ConsoleKey.End => EditCommand.LineEnd,
            ConsoleKey.Tab => EditCommand.Complete,
            _ => CommandOf(key.KeyChar),
        };
    }

    private static EditCommand CommandOf(char unit) => unit switch
    {
        '\r' or '\n' => EditCommand.Enter,
        '\t' => EditCommand.Complete,
        '\b' or Delete => EditCommand.DeleteBefore,
        Stop => EditCommand.Stop,
        EndOfInput => EditCommand.EndOfInput,
        '\u0001' => EditCommand.LineStart, // Ctrl-A.
        '\u0005' => EditCommand.LineEnd, // Ctrl-E.
        '\u000b' => EditCommand.DeleteToLineEnd, // Ctrl-K.
        '\u000c' => EditCommand.Clear, // Ctrl-L.
        '\u000e' => EditCommand.Down, // Ctrl-N.
        '\u0010' => EditCommand.Up, // Ctrl-P.
        '\u0015' => EditCommand.DeleteToLineStart, // Ctrl-U.
        '\u0017' => EditCommand.DeleteWord, // Ctrl-W.
        '\0' or Escape => EditCommand.None,
        _ => char.IsControl(unit) ? EditCommand.None : EditCommand.Insert,
    };
}
