using System.Globalization;
using System.Text;

namespace Millrace.Generators.Descriptions;

/// <summary>Writes JSON. A generator cannot use the platform's JSON writer. Empty values are omitted.</summary>
internal sealed class JsonText
{
    // Below this depth, an object is written on one line.
    private const int MaxMultiLineDepth = 4;

    private readonly StringBuilder _text = new();
    private int _depth;
    private bool _isFirst = true;

    public JsonText Open(string? name = null, char bracket = '{')
    {
        Begin(name);
        _text.Append(bracket);
        _depth++;
        _isFirst = true;
        return this;
    }

    public JsonText Close(char bracket = '}')
    {
        var isSingleLine = _depth > MaxMultiLineDepth;
        _depth--;
        if (isSingleLine)
            _text.Append(' ');
        else if (!_isFirst)
            Line();
        _text.Append(bracket);
        _isFirst = false;
        return this;
    }

    public JsonText Text(string name, string? value)
    {
        if (value is null)
            return this;
        Begin(name);
        Append(value);
        return this;
    }

    public JsonText Flag(string name, bool value)
    {
        if (!value)
            return this;
        Begin(name);
        _text.Append("true");
        return this;
    }

    public JsonText Texts(string name, IEnumerable<string> values)
    {
        var all = values.ToList();
        if (all.Count == 0)
            return this;
        Begin(name);
        _text.Append('[');
        for (var index = 0; index < all.Count; index++)
        {
            _text.Append(index == 0 ? "" : ", ");
            Append(all[index]);
        }
        _text.Append(']');
        return this;
    }

    /// <summary>Writes an array of objects.</summary>
    public JsonText Each<T>(string name, IEnumerable<T> items, Action<T> members)
    {
        var all = items.ToList();
        if (all.Count == 0)
            return this;
        Open(name, '[');
        foreach (var item in all)
        {
            Open();
            members(item);
            Close();
        }
        return Close(']');
    }

    public override string ToString() => _text.ToString();

    private void Begin(string? name)
    {
        if (!_isFirst)
            _text.Append(',');
        if (_depth > 0)
            Line();
        _isFirst = false;
        if (name is null)
            return;
        Append(name);
        _text.Append(": ");
    }

    private void Line()
    {
        if (_depth <= MaxMultiLineDepth)
            _text.Append('\n').Append(' ', _depth * 2);
        else
            _text.Append(' ');
    }

    private void Append(string value)
    {
        _text.Append('"');
        foreach (var letter in value)
        {
            if (letter is '"' or '\\')
                _text.Append('\\').Append(letter);
            else if (letter < ' ' || char.IsSurrogate(letter))
                _text.Append("\\u").Append(((int)letter).ToString("x4", CultureInfo.InvariantCulture));
            else
                _text.Append(letter);
        }
        _text.Append('"');
    }
}
