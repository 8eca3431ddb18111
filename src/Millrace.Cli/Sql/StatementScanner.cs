namespace Millrace.Cli.Sql;

/// <summary>Finds where quoted texts and comments of a statement end, without parsing it.</summary>
internal static class StatementScanner
{
    /// <summary>Returns what a text ends in, and whether its last sign is a semicolon.</summary>
    public static (StatementEnd End, bool IsTerminated) Scan(ReadOnlySpan<char> text)
    {
        var isTerminated = false;
        var index = 0;
        while (index < text.Length)
        {
            var rest = text[index..];
            var (end, length) = PartOf(rest);
            if (length < 0)
                return (end, false);
            if (end == StatementEnd.Comment && index + length == text.Length && rest.StartsWith("--"))
                return (end, isTerminated); // A comment of the last line continues.
            if (end != StatementEnd.Comment && !char.IsWhiteSpace(rest[0]))
                isTerminated = rest[0] == ';';
            index += length;
        }
        return (StatementEnd.Code, isTerminated);
    }

    /// <summary>Returns the kind and length of the first part of a text; a length of -1 if it does not end.</summary>
    private static (StatementEnd End, int Length) PartOf(ReadOnlySpan<char> text) => text switch
    {
        ['-', '-', ..] => (StatementEnd.Comment, LengthOfLine(text)),
        ['/', '*', ..] => (StatementEnd.Comment, LengthUntil(text, "*/", 2)),
        ['\'', ..] => (StatementEnd.Text, LengthUntil(text, "'", 1)), // Two quotes are two texts, which join.
        ['"', ..] => (StatementEnd.Name, LengthUntil(text, "\"", 1)),
        ['$', '$', ..] => (StatementEnd.Text, LengthUntil(text, "$$", 2)),
        _ => (StatementEnd.Code, 1),
    };

    private static int LengthOfLine(ReadOnlySpan<char> text) =>
        text.IndexOf('\n') is >= 0 and var end ? end + 1 : text.Length;

    private static int LengthUntil(ReadOnlySpan<char> text, string mark, int start) =>
        text[start..].IndexOf(mark, StringComparison.Ordinal) is >= 0 and var end ? start + end + mark.Length : -1;
}

/// <summary>What the end of a text is in.</summary>
internal enum StatementEnd
{
    /// <summary>Words and signs.</summary>
    Code,

    /// <summary>A quoted text.</summary>
    Text,

    /// <summary>A quoted name.</summary>
    Name,

    /// <summary>A comment.</summary>
    Comment,
}
