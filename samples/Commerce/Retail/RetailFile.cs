using System.Globalization;
using System.IO.Compression;

namespace Commerce.Retail;

/// <summary>Reads the lines of an "Online Retail" file, <c>.csv</c> or <c>.csv.gz</c>.</summary>
/// <remarks>The times in the file are local times of the shop without a zone; they are read as UTC.</remarks>
public sealed class RetailFile(string path)
{
    private static readonly string[] Columns =
        ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"];

    private static readonly string[] TimeFormats = ["yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd HH:mm"];

    private readonly Dictionary<string, string> _interned = new(StringComparer.Ordinal);
    private long _read;

    /// <summary>Gets the share of the file that has been read, from 0 to 1.</summary>
    public double Progress => (double)Volatile.Read(ref _read) / Math.Max(1, new FileInfo(path).Length);

    /// <summary>Reads all lines in the order of the file.</summary>
    /// <exception cref="RetailFileException">A line has the wrong format. No line is skipped.</exception>
    public IEnumerable<RetailLine> ReadLines()
    {
        using var file = File.OpenRead(path);
        using var content = IsCompressed(file) ? new GZipStream(file, CompressionMode.Decompress) : (Stream)file;
        using var text = new StreamReader(content, bufferSize: 64 * 1024);
        using var records = new RetailRecords(path, text);
        if (!records.Read())
            throw new RetailFileException(path, 1, "it is empty");
        var columnIndexes = ColumnsOf(records.Fields);
        while (records.Read())
        {
            if (records.Fields is [""])
                continue;
            Volatile.Write(ref _read, file.Position);
            yield return Parse(records, columnIndexes);
        }
    }

    private static bool IsCompressed(FileStream file)
    {
        var isCompressed = file.ReadByte() == 0x1F && file.ReadByte() == 0x8B;
        file.Position = 0;
        return isCompressed;
    }

    private int[] ColumnsOf(IReadOnlyList<string> header)
    {
        var names = header.Select(name => name.Trim().Trim('\uFEFF')).ToList();
        var columnIndexes = Array.ConvertAll(
            Columns, column => names.FindIndex(name => name.Equals(column, StringComparison.OrdinalIgnoreCase)));
        return Array.IndexOf(columnIndexes, -1) is >= 0 and var missing
            ? throw new RetailFileException(path, 1, $"the column {Columns[missing]} is missing")
            : columnIndexes;
    }

    private RetailLine Parse(RetailRecords record, int[] columnIndexes)
    {
        string Field(int column) => columnIndexes[column] < record.Fields.Count
            ? record.Fields[columnIndexes[column]]
            : throw new RetailFileException(path, record.Line, $"it ends before the {Columns[column]}");

        RetailFileException Wrong(int column) => new(path, record.Line, $"'{Field(column)}' is no {Columns[column]}");

        const NumberStyles Number = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        var culture = CultureInfo.InvariantCulture;
        return new RetailLine(
            Field(0).Trim() is { Length: > 0 } invoice ? Intern(invoice) : throw Wrong(0),
            Field(1).Trim() is { Length: > 0 } sku ? Intern(sku) : throw Wrong(1),
            Intern(Field(2)),
            int.TryParse(Field(3), NumberStyles.AllowLeadingSign, culture, out var quantity)
                ? quantity
                : throw Wrong(3),
            DateTime.TryParseExact(Field(4), TimeFormats, culture, DateTimeStyles.None, out var time)
                ? new DateTimeOffset(time, TimeSpan.Zero)
                : throw Wrong(4),
            decimal.TryParse(Field(5), Number, culture, out var price) ? price : throw Wrong(5),
            Field(6).Trim() is { Length: > 0 } customer ? Intern(customer) : null,
            Intern(Field(7).Trim()));
    }

    /// <summary>Returns one instance per text: half a million lines contain four thousand articles.</summary>
    private string Intern(string text)
    {
        if (_interned.TryGetValue(text, out var known))
            return known;
        if (_interned.Count < 100_000)
            _interned.Add(text, text);
        return text;
    }
}

/// <summary>Thrown when the file has an error; the message contains the line.</summary>
public sealed class RetailFileException(string path, long line, string problem, Exception? inner = null)
    : Exception(
        $"{Path.GetFileName(path)}, line {line}: {problem}. Nothing after this line was imported; fix it and import "
            + "again.",
        inner)
{
    public long Line { get; } = line;
}
