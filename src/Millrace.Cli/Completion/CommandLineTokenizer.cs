using System.Text;

namespace Millrace.Cli.Completion;

/// <summary>
/// Splits a line into words in the same way as a shell. A space in quotes or after a backslash does not end a word.
/// </summary>
internal static class CommandLineTokenizer
{
    /// <summary>Returns the words. The user is typing the last word, which is empty after a space.</summary>
    public static List<string> Of(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var (quote, isEscaped, isInWord) = ('\0', false, false);
        foreach (var character in line)
        {
            if (isEscaped)
                (isEscaped, _) = (false, word.Append(character));
            else if (character == '\\' && quote != '\'')
                (isEscaped, isInWord) = (true, true);
            else if (quote == character)
                quote = '\0';
            else if (quote == '\0' && character is '"' or '\'')
                (quote, isInWord) = (character, true);
            else if (quote == '\0' && char.IsWhiteSpace(character))
                isInWord = End(words, word, isInWord);
            else
                (isInWord, _) = (true, word.Append(character));
        }
        words.Add(word.ToString());
        return words;
    }

    private static bool End(List<string> words, StringBuilder word, bool isInWord)
    {
        if (isInWord)
            words.Add(word.ToString());
        word.Clear();
        return false;
    }
}
