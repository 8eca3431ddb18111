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
        ['/', '*', ..] => (StatementEnd.Comment, LengthOfComment(text)),
        ['\'', ..] => (StatementEnd.Text, LengthUntil(text, "'", 1)), // Two quotes are two texts, which join.
        ['E' or 'e', '\'', ..] => (StatementEnd.Text, LengthOfEscapeText(text)),
        ['"', ..] => (StatementEnd.Name, LengthUntil(text, "\"", 1)),
        ['$', ..] when LengthOfTag(text) is > 0 and var length =>
            (StatementEnd.Text, LengthUntil(text, text[..length], length)),
        _ => (StatementEnd.Code, LengthOfWord(text)),
    };

    private static int LengthOfLine(ReadOnlySpan<char> text) =>
        text.IndexOf('\n') is >= 0 and var end ? end + 1 : text.Length;

    /// <summary>Returns the length of a comment, which can contain others.</summary>
    private static int LengthOfComment(ReadOnlySpan<char> text)
    {
        var depth = 0;
        for (var i = 0; i + 1 < text.Length; i++)
        {
            var change = text.Slice(i, 2) switch { "/*" => 1, "*/" => -1, _ => 0 };
            if (change == 0)
                continue;
            depth += change;
            i++;
            if (depth == 0)
                return i + 1;
        }
        return -1;
    }

    private static int LengthUntil(ReadOnlySpan<char> text, ReadOnlySpan<char> mark, int start) =>
        text[start..].IndexOf(mark, StringComparison.Ordinal) is >= 0 and var end ? start + end + mark.Length : -1;

    /// <summary>Returns the length of a text such as E'it\'s', with the texts on the next lines that continue it.
    /// </summary>
    private static int LengthOfEscapeText(ReadOnlySpan<char> text)
    {
        for (var i = 2; i < text.Length; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (text[i] == '\'')
            {
                var continued = LengthToContinuation(text[(i + 1)..]);
                if (continued < 0)
                    return i + 1;
                i += continued;
            }
        }
        return -1;
    }

    /// <summary>
    /// Returns the length from the end of a text to the quote of a text that continues it; -1 if none does. Only a text
    /// on a later line, or directly behind, continues a text.
    /// </summary>
    private static int LengthToContinuation(ReadOnlySpan<char> text)
    {
        var hasLineBreak = false;
        var i = 0;
        while (i < text.Length)
        {
            if (text[i] == '\'')
                return i == 0 || hasLineBreak ? i + 1 : -1;
            if (hasLineBreak && text[i..].StartsWith("--"))
                i += LengthOfLine(text[i..]);
            else if (char.IsWhiteSpace(text[i]))
                hasLineBreak |= text[i++] is '\n' or '\r';
            else
                return -1;
        }
        return -1;
    }

    /// <summary>Returns the length of a mark such as $$ or $tag$, which starts and ends a text; 0 for other signs.
    /// </summary>
    private static int LengthOfTag(ReadOnlySpan<char> text)
    {
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == '$')
                return i + 1;
            if (!IsInWord(text[i]) || (i == 1 && char.IsAsciiDigit(text[i])))
                return 0;
        }
        return 0;
    }

    /// <summary>Returns the length of a word, in which E and $ start no text; 1 for another sign.</summary>
    private static int LengthOfWord(ReadOnlySpan<char> text)
    {
        var length = 1;
        if (IsInWord(text[0]) && !char.IsAsciiDigit(text[0]))
        {
            while (length < text.Length && (IsInWord(text[length]) || text[length] == '$'))
                length++;
        }
        return length;
    }

    private static bool IsInWord(char unit) =>
        char.IsAsciiLetterOrDigit(unit) || unit == '_' || (unit >= '\u0080' && !char.IsWhiteSpace(unit));
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
