using System.Globalization;
using System.Text;

namespace Millrace.Generators.Contracts;

/// <summary>Parses JSON that consists of objects and strings. A generator cannot use the JSON reader of .NET.</summary>
internal sealed class ContractReader(string text)
{
    private int _position;

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
        while (_position < text.Length && text[_position] is not '"' and not '\n')
        {
            var character = text[_position++];
            value.Append(character == '\\' ? Escaped() : character);
        }
        Expect('"');
        return value.ToString();
    }

    private char Escaped()
    {
        if (_position >= text.Length)
            throw new FormatException("it ends inside a string");
        var mark = text[_position++];
        if (mark == 'u'
            && _position + 4 <= text.Length
            && int.TryParse(
                text.Substring(_position, 4),
                NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture,
                out var code))
        {
            _position += 4;
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
        if (_position < text.Length)
            throw new FormatException($"there is text after its end: '{text[_position]}'");
    }

    private void Expect(char mark)
    {
        if (mark == '"' && _position > 0 && _position < text.Length && text[_position] == '"')
        {
            _position++; // The spaces after a quotation mark belong to the string.
            return;
        }
        if (Skip(mark))
            return;
        throw new FormatException(
            _position < text.Length ? $"'{text[_position]}' was found where '{mark}' is "
                + "expected" : $"it ends before a '{mark}'"
        );
    }

    private bool Skip(char mark)
    {
        Blank();
        if (_position >= text.Length || text[_position] != mark)
            return false;
        _position++;
        return true;
    }

    private void Blank()
    {
        while (_position < text.Length && char.IsWhiteSpace(text[_position]))
            _position++;
    }
}
