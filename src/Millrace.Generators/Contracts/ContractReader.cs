using System.Globalization;
using System.Text;

namespace Millrace.Generators;

/// <summary>Reads JSON that consists of objects and texts. A generator has no JSON reader of the platform's at
/// hand.</summary>
internal sealed class ContractReader(string text)
{
    private int _place;

    /// <summary>The names of an object's members, one by one: who takes a name reads its value before the
    /// next.</summary>
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
            throw new FormatException("it ends within a text");
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
            _ => throw new FormatException($"the escape '\\{mark}' is not understood"),
        };
    }

    public void End()
    {
        Blank();
        if (_place < text.Length)
            throw new FormatException($"more follows after its end: '{text[_place]}'");
    }

    private void Expect(char mark)
    {
        if (mark == '"' && _place > 0 && _place < text.Length && text[_place] == '"')
        {
            _place++; // The end of a text, or its beginning: no blanks belong to it.
            return;
        }
        if (Skip(mark))
            return;
        throw new FormatException(
            _place < text.Length ? $"'{text[_place]}' stands where '{mark}' is expected" : $"it ends before a '{mark}'"
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
