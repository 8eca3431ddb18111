namespace Millrace.Cli.Sql.Editing;

/// <summary>What a key does in the editor.</summary>
internal enum EditCommand
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Inserts the character of the key.</summary>
    Insert,

    /// <summary>Accepts a complete statement, or starts a further line.</summary>
    Enter,

    /// <summary>Discards the statement.</summary>
    Stop,

    /// <summary>Ends the session if there is no text.</summary>
    EndOfInput,

    /// <summary>Completes the word before the cursor.</summary>
    Complete,

    /// <summary>Clears the screen.</summary>
    Clear,

    /// <summary>Moves by one character.</summary>
    Left,

    /// <summary>Moves by one character.</summary>
    Right,

    /// <summary>Moves by one word.</summary>
    WordLeft,

    /// <summary>Moves by one word.</summary>
    WordRight,

    /// <summary>Moves to the previous line, or the previous statement.</summary>
    Up,

    /// <summary>Moves to the next line, or the next statement.</summary>
    Down,

    /// <summary>Moves to the start of the line.</summary>
    LineStart,

    /// <summary>Moves to the end of the line.</summary>
    LineEnd,

    /// <summary>Deletes the character before the cursor.</summary>
    DeleteBefore,

    /// <summary>Deletes the character after the cursor.</summary>
    DeleteAfter,

    /// <summary>Deletes the word before the cursor.</summary>
    DeleteWord,

    /// <summary>Deletes up to the start of the line.</summary>
    DeleteToLineStart,

    /// <summary>Deletes up to the end of the line.</summary>
    DeleteToLineEnd,
}
