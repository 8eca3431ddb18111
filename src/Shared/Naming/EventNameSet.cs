namespace Millrace.Shared.Naming;

/// <summary>The existing stored names, which show the usual form of entities, separators and spellings.</summary>
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

    /// <summary>Returns the name in the form of the existing names, or null if it already has that form.</summary>
    public string? Instead(EventName name)
    {
        var entity = Usual(_entities, KeyOf(name.Entity), name.Entity);
        var fact = name.Fact.Select(word => Usual(_spellings, EventWords.Spelling(word), word)).ToList();
        var separator = name.Separator is { } ofName && _separators.Count == 0 ? ofName : Separator;
        var usual = (entity.Length == 0 ? "" : entity + ".") + string.Join(separator.ToString(), fact);
        return usual == name.Text ? null : usual;
    }

    // Use the separator of most names, or a dash if there are no names.
    private char Separator => CountOf('_') > CountOf('-') ? '_' : '-';

    private int CountOf(char separator) => _separators.TryGetValue(separator, out var count) ? count : 0;

    // Names such as order and orders, or Order-Items and order_item, have the same key.
    private static string KeyOf(string entity) =>
        string.Concat(EventWords.OfStored(entity).Select(EventWords.Singular));

    private static void Count(Dictionary<string, Dictionary<string, int>> counts, string key, string text)
    {
        if (!counts.TryGetValue(key, out var forms))
            counts[key] = forms = new(StringComparer.Ordinal);
        forms[text] = forms.TryGetValue(text, out var count) ? count + 1 : 1;
    }

    // Use the most frequent form. If several forms are equally frequent, use the form that equals the key, and
    // otherwise the first in ordinal order.
    private static string Usual(Dictionary<string, Dictionary<string, int>> counts, string key, string text) =>
        counts.TryGetValue(key, out var forms)
            ? forms.OrderByDescending(form => form.Value)
                .ThenBy(form => form.Key == key ? 0 : 1)
                .ThenBy(form => form.Key, StringComparer.Ordinal)
                .First()
                .Key
            : text;
}
