using System.Globalization;
using System.Text.Json;

namespace Millrace.Sql;

/// <summary>
/// Reads the members of JSON objects into cells, one for each known member. Of a repeated member, it reads the last
/// one, as .NET does.
/// </summary>
internal sealed class MemberReader
{
    /// <summary>The maximum number of members that become columns. Others are only in the whole JSON.</summary>
    public const int MaxColumns = 200;

    private const int MaxDepth = 512;

    private readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);
    private readonly List<MemberColumn> _columns = [];
    private readonly List<string?> _cells = [];

    /// <summary>Gets the members, in the order of their first appearance.</summary>
    public IReadOnlyList<MemberColumn> Columns => _columns;

    /// <summary>Gets the cells of the last JSON.</summary>
    public IReadOnlyList<string?> Cells => _cells;

    /// <summary>Reads the cells of a JSON, and returns the number of members that were unknown before.</summary>
    public int Read(ReadOnlySpan<byte> json)
    {
        var known = _columns.Count;
        for (var i = 0; i < known; i++)
            _cells[i] = null;
        if (json.IsEmpty)
            return 0;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            if (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
                ReadMembers(json, ref reader);
        }
        catch (JsonException)
        {
            // The rest is not JSON. The whole text has its own column.
        }
        return _columns.Count - known;
    }

    private void ReadMembers(ReadOnlySpan<byte> json, ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var index = IndexOf(ref reader);
            reader.Read();
            if (index < 0)
            {
                reader.Skip();
                continue;
            }
            var value = reader;
            var start = (int)reader.TokenStartIndex;
            reader.Skip(); // Moves only from the start of an object or array.
            _cells[index] = _columns[index].Add(ref value, json[start..(int)reader.BytesConsumed]);
        }
    }

    /// <summary>Returns the index of a member; -1 for a member that cannot become a column.</summary>
    private int IndexOf(ref Utf8JsonReader reader)
    {
        string name;
        try
        {
            name = reader.GetString()!; // A property has a name.
        }
        catch (InvalidOperationException)
        {
            return -1; // Half of a surrogate pair.
        }
        if (_indexes.TryGetValue(name, out var index))
            return index;
        if (_columns.Count == MaxColumns || name.Length == 0 || name.Contains('\0', StringComparison.Ordinal))
            return -1;
        index = _columns.Count;
        _indexes.Add(name, index);
        _columns.Add(new MemberColumn(name, string.Create(CultureInfo.InvariantCulture, $"m{index}")));
        _cells.Add(null);
        return index;
    }
}
