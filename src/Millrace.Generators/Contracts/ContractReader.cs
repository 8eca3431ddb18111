using System.Globalization;
using System.Text;

namespace Millrace.Generators.Contracts;

/// <summary>
/// Parses JSON that consists of objects and strings, because a generator cannot use the JSON reader of .NET.
/// </summary>
internal sealed class ContractReader(string text)
{
    private int _place;

    /// <summary>
    /// Returns the member names of an object one by one. The caller reads each value before the next name.
    /// </summary>
    public IEnumerable<string> Object()
    {
        Expect('{');
        if (Skip('}'))
            yield break;
        do
        {
            var name = Text();
            Expect(':');
            yield return name;
        }
        while (Skip(','));
        Expect('}');
    }

    public string Text()
    {
        Expect('"');
        var value = new StringBuilder();
        while (_place < text.Length && text[_place] is not '"' and not '\n')
        {
            var character = text[_place++];
            value.Append(character == '\\' ? Escaped() : character);
        }
        Expect('"');
        return value.ToString();
    }

    private char Escaped()
    {
        if (_place >= text.Length)
            throw new FormatException("it ends inside a string");
        var mark = text[_place++];
        if (mark == 'u'
            && _place + 4 <= text.Length
            && int.TryParse(
                text.Substring(_place, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
        {
            _place += 4;
            return (char)code;
        }
        return mark switch
        {
            '"' or '\\' or '/' => mark,
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'b' => '\b',
            'f' => '\f',
            _ => throw new FormatException($"the escape '\\{mark}' is not supported"),
        };
    }

    public void End()
    {
        Blank();
        if (_place < text.Length)
            throw new FormatException($"there is text after its end: '{text[_place]}'");
    }

    private void Expect(char mark)
    {
        if (mark == '"' && _place > 0 && _place < text.Length && text[_place] == '"')
        {
            _place++; // A quotation mark: spaces after it belong to the string.
            return;
        }
        if (Skip(mark))
            return;
        throw new FormatException(
            _place < text.Length ? $"'{text[_place]}' was found where '{mark}' is "
                + "expected" : $"it ends before a '{mark}'"
        );
    }

    private bool Skip(char mark)
    {
        Blank();
        if (_place >= text.Length || text[_place] != mark)
            return false;
        _place++;
        return true;
    }

    private void Blank()
    {
        while (_place < text.Length && char.IsWhiteSpace(text[_place]))
            _place++;
    }
}
