using System.Text;

namespace Millrace.Erasing;

/// <summary>
/// The common values of a subject, such as a country, that rows of others contain too. They do not show that a row of
/// the subject has a remaining copy. A name that only rows of the subject contain does.
/// </summary>
/// <param name="matcher">The values of the subject.</param>
internal sealed class GeneralValues(ValueMatcher matcher)
{
    private readonly HashSet<string> _general = new(StringComparer.Ordinal);

    /// <summary>Adds the values in a row that does not belong to the subject.</summary>
    public void Add(ReadOnlySpan<byte> bytes) => _general.UnionWith(In(bytes));

    /// <summary>Returns whether rows of others contain all values.</summary>
    public bool ContainsAll(IEnumerable<string> values) => values.All(_general.Contains);

    /// <summary>Returns the common values in bytes.</summary>
    public List<string> In(ReadOnlySpan<byte> bytes)
    {
        var values = new List<string>();
        var start = 0;
        while (matcher.TryFindNext(bytes, ref start, out var length, out var isDistinctive))
        {
            if (!isDistinctive)
                values.Add(Encoding.UTF8.GetString(bytes.Slice(start, length)));
            start += length;
        }
        return values;
    }
}
