using System.Globalization;

namespace Millrace.Testing.Differences;

/// <summary>
/// Describes multidimensional arrays, whose shape does not follow from their items. For example, six items can be two
/// by three or three by two.
/// </summary>
internal static class ArrayRanks
{
    /// <summary>
    /// Returns the lengths of the dimensions, as in <c>2 × 3</c>, or null if the value is not a multidimensional array.
    /// </summary>
    public static string? ShapeOf(object value) => value is Array { Rank: > 1 } array
        ? string.Join(" × ", Enumerable.Range(0, array.Rank).Select(rank => LengthOf(array, rank)))
        : null;

    /// <summary>Returns the items as nested lists, with one level for each dimension.</summary>
    public static object?[] RowsOf(Array array) => RowsOf(array, []);

    private static object?[] RowsOf(Array array, int[] outerIndexes)
    {
        var rank = outerIndexes.Length;
        var first = array.GetLowerBound(outerIndexes.Length);
        var rows = new object?[array.GetLength(rank)];
        for (var i = 0; i < rows.Length; i++)
        {
            int[] indexes = [.. outerIndexes, first + i];
            rows[i] = indexes.Length == array.Rank ? array.GetValue(indexes) : RowsOf(array, indexes);
        }
        return rows;
    }

    private static string LengthOf(Array array, int rank)
    {
        var first = array.GetLowerBound(rank);
        var length = array.GetLength(rank);
        var text = length.ToString(CultureInfo.InvariantCulture);
        return first == 0 ? text : string.Create(CultureInfo.InvariantCulture, $"{text} from {first}");
    }
}
