using System.Text;

namespace Commerce.Retail;

/// <summary>Reads comma-separated records (RFC 4180): fields may be quoted, and then hold commas, line ends and doubled quotes.</summary>
public sealed class CsvReader(TextReader text)
{
    private readonly List<string> _fields = [];
    private readonly StringBuilder _field = new();
    private long _lines;

    /// <summary>How many fields the record has.</summary>
    public int Count => _fields.Count;

    /// <summary>The line of the file that the record begins on, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>A field of the record.</summary>
    public string this[int index] => _fields[index];

    /// <summary>Reads the next record; false at the end.</summary>
    public bool Read()
    {
        _fields.Clear();
        if (NextLine() is not { } line)
            return false;
        Line = _lines;
        var at = 0;
        while (at >= 0)
            at = line.AsSpan(at).StartsWith("\"") ? ReadQuoted(ref line, at + 1) : ReadPlain(line, at);
        return true;
    }

    private string? NextLine()
    {
        _lines++;
        return text.ReadLine();
    }

    /// <summary>Reads up to the next comma; returns where the next field begins, or -1 after the last.</summary>
    private int ReadPlain(string line, int from)
    {
        var comma = line.IndexOf(',', from);
        _fields.Add(comma < 0 ? line[from..] : line[from..comma]);
        return comma < 0 ? -1 : comma + 1;
    }

    private int ReadQuoted(ref string line, int from)
    {
        _field.Clear();
        while (true)
        {
            var quote = line.IndexOf('"', from);
            if (quote < 0)
            {
                _field.Append(line, from, line.Length - from).Append('\n');
                line = NextLine() ?? throw new InvalidDataException($"The quoted field that begins on line {Line} has no end.");
                from = 0;
                continue;
            }

            _field.Append(line, from, quote - from);
            from = quote + 1;
            if (from < line.Length && line[from] == '"')
            {
                _field.Append('"');
                from++;
                continue;
            }

            _fields.Add(_field.ToString());
            var comma = line.IndexOf(',', from);
            return comma < 0 ? -1 : comma + 1;
        }
    }
}
