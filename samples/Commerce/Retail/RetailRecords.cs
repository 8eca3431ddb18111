using nietras.SeparatedValues;

namespace Commerce.Retail;

/// <summary>Reads the records of a comma-separated file (RFC 4180) with Sep, and refuses text that Sep would read
/// differently.</summary>
internal sealed class RetailRecords(string path, TextReader text) : IDisposable
{
    private readonly SepReader _reader = Sep.New(',')
        .Reader(options => options with { HasHeader = false, DisableColCountCheck = true })
        .From(text);

    private long _next = 1;

    /// <summary>The line on which the record starts, counted from 1.</summary>
    public long Line { get; private set; }

    /// <summary>The fields of the record, without quotes; line breaks in them are <c>\n</c>.</summary>
    public IReadOnlyList<string> Fields { get; private set; } = [];

    /// <summary>Reads the next record; returns false at the end.</summary>
    /// <exception cref="RetailFileException">A quote is not closed, or is in the wrong position.</exception>
    public bool Read()
    {
        Line = _next;
        if (!MoveNext())
            return false;
        var row = _reader.Current;
        _next = row.LineNumberToExcl;
        var fields = new string[row.ColCount];
        for (var i = 0; i < fields.Length; i++)
            fields[i] = Text(row[i].Span);
        Fields = fields;
        return true;
    }

    public void Dispose() => _reader.Dispose();

    private bool MoveNext()
    {
        try
        {
            return _reader.MoveNext();
        }
        catch (NotSupportedException tooLong)
        {
            throw new RetailFileException(path, Line, "a quoted field has no end, or the record is too long", tooLong);
        }
    }

    private string Text(ReadOnlySpan<char> field)
    {
        if (field is not ['"', ..])
            return field.Contains('"') && field.ContainsAny(",\r\n") ? throw MisplacedQuote() : field.ToString();
        if (field.TrimEnd(' ') is not ['"', .. var quoted, '"'])
            throw Unclosed();
        var text = quoted.ToString();
        return text.Replace("\"\"", "", StringComparison.Ordinal).Contains('"', StringComparison.Ordinal)
            ? throw Unclosed()
            : text.Replace("\"\"", "\"", StringComparison.Ordinal)
                .Replace("\r\n", "\n", StringComparison.Ordinal)
                .Replace('\r', '\n');
    }

    private RetailFileException MisplacedQuote() =>
        new(
            path,
            Line,
            "a quote in an unquoted field hides the end of the field; quote the whole field and double the quote");

    private RetailFileException Unclosed() =>
        new(path, Line, "a quoted field has no end, or is followed by other text");
}
