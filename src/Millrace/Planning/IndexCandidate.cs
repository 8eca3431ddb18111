using System.Globalization;
using System.Text;
using Millrace.Storage;

namespace Millrace.Planning;

/// <summary>An index that would serve queries of some shapes.</summary>
/// <param name="Source">The name of the read model.</param>
/// <param name="Fields">The fields: first those that are compared for equality, then the order, then a range.</param>
/// <param name="Uses">The queries, most executions first.</param>
internal sealed record IndexCandidate(string Source, IReadOnlyList<string> Fields, IReadOnlyList<QueryUse> Uses)
{
    private const int MaxFields = 4;
    private const int MaxNameCharacters = 48;

    public string Name { get; init; } = NameOf("idx", Source, Fields);

    /// <summary>Returns the fields of the index that serves a shape best.</summary>
    public static IReadOnlyList<string> FieldsOf(QueryShape shape)
    {
        var fields = new List<string>();
        foreach (var term in shape.Terms)
        {
            if (term.Comparison == Comparison.Equal && !fields.Contains(term.Field))
                fields.Add(term.Field);
        }
        if (shape.OrderBy is { } order && !fields.Contains(order))
            fields.Add(order);
        var range = shape.Terms.FirstOrDefault(
            term => term.Comparison is not (Comparison.Equal or Comparison.NotEqual or Comparison.GreaterOrNull)
                && !fields.Contains(term.Field));
        if (range.Field is not null)
            fields.Add(range.Field);
        return fields.Count <= MaxFields ? fields : fields.GetRange(0, MaxFields);
    }

    /// <summary>
    /// Returns the candidates for the shapes of read models. A shape with one field needs none, because each field has
    /// an index. A candidate that is the beginning of another one is part of it.
    /// </summary>
    public static IReadOnlyList<IndexCandidate> Of(IEnumerable<QueryUse> uses)
    {
        var wanted = uses
            .Where(use => !use.Shape.IsOfLog)
            .Select(use => (Use: use, Fields: FieldsOf(use.Shape)))
            .Where(item => item.Fields.Count > 1)
            .GroupBy(item => (item.Use.Shape.Source, Fields: string.Join('\n', item.Fields)))
            .Select(group => new IndexCandidate(
                group.Key.Source, group.First().Fields, [.. group.Select(item => item.Use)]))
            .OrderByDescending(candidate => candidate.Fields.Count)
            .ToList();
        var candidates = new List<IndexCandidate>();
        foreach (var candidate in wanted)
        {
            var longer = candidates.FindIndex(other => other.Serves(candidate));
            if (longer < 0)
                candidates.Add(candidate);
            else
                candidates[longer] = candidates[longer] with { Uses = [.. candidates[longer].Uses, .. candidate.Uses] };
        }
        return candidates;
    }

    /// <summary>
    /// Returns the candidates with unique names. Different fields can have the same readable name, such as
    /// <c>unitPrice</c>, and <c>unit</c> with <c>price</c>. Their names then end with a hash.
    /// </summary>
    /// <param name="candidates">The candidates.</param>
    /// <param name="built">The indexes that exist.</param>
    public static IEnumerable<IndexCandidate> WithUniqueNames(
        IReadOnlyList<IndexCandidate> candidates, IReadOnlyList<AdvisedIndex> built) =>
        candidates.Select(candidate =>
            candidates.Count(other => other.Name == candidate.Name) > 1
            || built.Any(index => index.Name == candidate.Name && !candidate.Is(index))
                ? candidate with { Name = HashedNameOf(candidate.Name, candidate.Source, candidate.Fields) }
                : candidate);

    /// <summary>Returns whether an index of these fields serves queries of a shape.</summary>
    public static bool Serves(IReadOnlyList<string> index, QueryShape shape)
    {
        var wanted = FieldsOf(shape);
        var common = Math.Min(index.Count, wanted.Count);
        return common > 1 && index.Take(common).SequenceEqual(wanted.Take(common));
    }

    /// <summary>Returns a name such as <c>idx_orders_status_total</c>.</summary>
    public static string NameOf(string prefix, string source, IReadOnlyList<string> fields)
    {
        var text = new StringBuilder(prefix);
        foreach (var part in fields.Prepend(source))
            Append(text.Append('_'), part);
        return text.Length <= MaxNameCharacters ? text.ToString() : HashedNameOf(text.ToString(), source, fields);
    }

    /// <summary>Returns a name that begins like another one, and differs for other fields.</summary>
    private static string HashedNameOf(string name, string source, IEnumerable<string> fields)
    {
        var hash = 2_166_136_261u; // FNV-1a: the same on all nodes.
        foreach (var character in string.Join('\n', fields.Prepend(source)))
            hash = unchecked((hash ^ character) * 16_777_619u);
        var end = hash.ToString("x8", CultureInfo.InvariantCulture);
        return $"{name[..Math.Min(name.Length, MaxNameCharacters - end.Length - 1)]}_{end}";
    }

    private bool Is(AdvisedIndex index) => Source == index.ReadModel && Fields.SequenceEqual(index.Fields);

    private static void Append(StringBuilder text, string part)
    {
        for (var i = 0; i < part.Length; i++)
        {
            if (char.IsAsciiLetterUpper(part[i]) && i > 0)
                text.Append('_');
            text.Append(char.IsAsciiLetterOrDigit(part[i]) ? char.ToLowerInvariant(part[i]) : '_');
        }
    }

    private bool Serves(IndexCandidate shorter) =>
        Source == shorter.Source && Fields.Take(shorter.Fields.Count).SequenceEqual(shorter.Fields);
}
