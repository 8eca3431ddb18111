namespace Millrace;

/// <summary>The stored names that are there already: how they write an entity, part their words and spell.</summary>
internal sealed class EventNameSet
{
    private readonly Dictionary<string, Dictionary<string, int>> _entities = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, int>> _spellings = new(StringComparer.Ordinal);
    private readonly Dictionary<char, int> _separators = [];

    public EventNameSet(IEnumerable<EventName> names)
    {
        foreach (var name in names.Where(name => name.IsStored))
        {
            if (name.Entity.Length > 0)
                Count(_entities, KeyOf(name.Entity), name.Entity);
            if (name.Separator is { } separator)
                _separators[separator] = CountOf(separator) + 1;
            foreach (var word in name.Fact)
                Count(_spellings, EventWords.Spelling(word), word);
        }
    }

    /// <summary>The name as the others would write it; null when it is as they are.</summary>
    public string? Instead(EventName name)
    {
        var entity = Usual(_entities, KeyOf(name.Entity), name.Entity);
        var fact = name.Fact.Select(word => Usual(_spellings, EventWords.Spelling(word), word)).ToList();
        var separator = name.Separator is { } own && _separators.Count == 0 ? own : Separator;
        var usual = (entity.Length == 0 ? "" : entity + ".") + string.Join(separator.ToString(), fact);
        return usual == name.Text ? null : usual;
    }

    // The separator that most names use; a dash where there is none.
    private char Separator => CountOf('_') > CountOf('-') ? '_' : '-';

    private int CountOf(char separator) => _separators.TryGetValue(separator, out var count) ? count : 0;

    // One key for order, orders, Order-Items and order_item.
    private static string KeyOf(string entity) =>
        string.Concat(EventWords.OfStored(entity).Select(EventWords.Singular));

    private static void Count(Dictionary<string, Dictionary<string, int>> counts, string key, string text)
    {
        if (!counts.TryGetValue(key, out var ways))
            counts[key] = ways = new(StringComparer.Ordinal);
        ways[text] = ways.TryGetValue(text, out var count) ? count + 1 : 1;
    }

    // The way that most names take; where two are as frequent, the one that words are compared by, and then the first
    // in order.
    private static string Usual(Dictionary<string, Dictionary<string, int>> counts, string key, string text) =>
        counts.TryGetValue(key, out var ways)
            ? ways.OrderByDescending(way => way.Value)
                .ThenBy(way => way.Key == key ? 0 : 1)
                .ThenBy(way => way.Key, StringComparer.Ordinal)
                .First()
                .Key
            : text;
}
