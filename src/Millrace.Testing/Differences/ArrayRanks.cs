using System.Globalization;

namespace Millrace.Testing;

/// <summary>Arrays of several ranks, whose items alone do not tell what they are: six of them are two by three or three
/// by two.</summary>
internal static class ArrayRanks
{
    /// <summary>The lengths of its ranks, as in <c>2 × 3</c>; null for anything but an array of several.</summary>
    public static string? ShapeOf(object value) => value is Array { Rank: > 1 } array
        ? string.Join(" × ", Enumerable.Range(0, array.Rank).Select(rank => LengthOf(array, rank)))
        : null;

    /// <summary>Its items, those of each rank in a list of their own.</summary>
    public static object?[] RowsOf(Array array) => RowsOf(array, []);

    private static object?[] RowsOf(Array array, int[] above)
    {
        var (rank, first) = (above.Length, array.GetLowerBound(above.Length));
        var rows = new object?[array.GetLength(rank)];
        for (var i = 0; i < rows.Length; i++)
        {
            int[] place = [.. above, first + i];
            rows[i] = place.Length == array.Rank ? array.GetValue(place) : RowsOf(array, place);
        }
        return rows;
    }

    private static string LengthOf(Array array, int rank)
    {
        var (first, length) = (array.GetLowerBound(rank), array.GetLength(rank));
        var text = length.ToString(CultureInfo.InvariantCulture);
        return first == 0 ? text : string.Create(CultureInfo.InvariantCulture, $"{text} from {first}");
    }
}
