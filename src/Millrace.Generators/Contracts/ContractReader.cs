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
        var escape = text[_position++];
        if (escape == 'u'
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
        return escape switch
        {
            '"' or '\\' or '/' => escape,
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'b' => '\b',
            'f' => '\f',
            _ => throw new FormatException($"the escape '\\{escape}' is not supported"),
        };
    }

    public void End()
    {
        SkipWhiteSpace();
        if (_position < text.Length)
            throw new FormatException($"there is text after its end: '{text[_position]}'");
    }

    private void Expect(char expected)
    {
        if (expected == '"' && _position > 0 && _position < text.Length && text[_position] == '"')
        {
            _position++; // The spaces after a quotation mark belong to the string.
            return;
        }
        if (Skip(expected))
            return;
        throw new FormatException(
            _position < text.Length ? $"'{text[_position]}' was found where '{expected}' is "
                + "expected" : $"it ends before a '{expected}'"
        );
    }

    private bool Skip(char character)
    {
        SkipWhiteSpace();
        if (_position >= text.Length || text[_position] != character)
            return false;
        _position++;
        return true;
    }

    private void SkipWhiteSpace()
    {
        while (_position < text.Length && char.IsWhiteSpace(text[_position]))
            _position++;
    }
}
