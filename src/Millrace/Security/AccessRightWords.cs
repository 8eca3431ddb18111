using System.Text;

namespace Millrace.Security;

/// <summary>Splits the text of a right into words. A word with other characters is in quotation marks.</summary>
internal sealed class AccessRightWords(string text)
{
    private const char Mark = '"';
    private const char Escape = '\\';
    private static readonly string[] Reserved = ["if", "and", "is", "without", "masking"];

    private int _at;

    /// <summary>Returns a word in the form in which it is written.</summary>
    public static string Quote(string word)
    {
        if (word.Length > 0 && !Array.Exists(Reserved, reserved => reserved == word) && word.All(IsPlain))
            return word;
        var quoted = new StringBuilder().Append(Mark);
        foreach (var character in word)
        {
            if (character is Mark or Escape)
                quoted.Append(Escape);
            quoted.Append(character);
        }
        return quoted.Append(Mark).ToString();
    }

    /// <exception cref="AccessRightException">There is no other word.</exception>
    public string Next(string expected) =>
        TryNext() is { Length: > 0 } word ? word : throw Problem($"it needs {expected}");

    /// <summary>Returns the next word, or null at the end.</summary>
    public string? TryNext()
    {
        SkipSpaces();
        if (_at == text.Length)
            return null;
        if (text[_at] == Mark)
            return NextQuoted();
        var start = _at;
        while (_at < text.Length && IsPlain(text[_at]))
            _at++;
        return _at > start ? text[start.._at] : throw Problem($"'{text[_at]}' is not expected");
    }

    /// <summary>Reads words that are separated by commas.</summary>
    public void ReadList(List<string> words, string expected)
    {
        do
        {
            words.Add(Next(expected));
            SkipSpaces();
        }
        while (TrySkip(','));
    }

    public void RequireEnd()
    {
        if (TryNext() is { } word)
            throw Problem($"'{word}' is not expected");
    }

    public AccessRightException Problem(string problem) => new(text, problem);

    private static bool IsPlain(char character) =>
        !char.IsWhiteSpace(character) && !char.IsControl(character) && character is not (',' or Mark or Escape);

    private string NextQuoted()
    {
        var word = new StringBuilder();
        for (_at++; _at < text.Length && text[_at] != Mark; _at++)
        {
            if (text[_at] == Escape && _at + 1 < text.Length)
                _at++;
            word.Append(text[_at]);
        }
        if (_at == text.Length)
            throw Problem("a quotation mark is missing");
        _at++;
        return word.ToString();
    }

    private bool TrySkip(char separator)
    {
        if (_at == text.Length || text[_at] != separator)
            return false;
        _at++;
        return true;
    }

    private void SkipSpaces()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
            _at++;
    }
}
