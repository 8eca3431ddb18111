namespace Millrace.Shared.Naming;

/// <summary>
/// The words of an event's name, which is the name of a type (<c>OrderPlaced</c>) or a stored name
/// (<c>order.placed</c>).
/// </summary>
internal sealed class EventName
{
    private readonly string _entity;
    private readonly char _separator;
    private readonly string _version;

    private EventName(string text, string entity, IReadOnlyList<string> fact, char separator, string version)
    {
        Text = text;
        _entity = entity;
        Fact = fact;
        _separator = separator;
        _version = version;
        Words = [.. EventWords.OfStored(entity), .. fact];
    }

    public string Text { get; }

    public bool IsStored => _separator != '\0';

    /// <summary>Gets all words.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>
    /// Gets the words that say what happened to the entity. For the name of a type, these are all words.
    /// </summary>
    public IReadOnlyList<string> Fact { get; }

    /// <summary>
    /// Gets the part of a stored name before the last dot, such as <c>order</c>. Without a dot, the value is empty.
    /// </summary>
    public string Entity => _entity;

    /// <summary>
    /// Gets the separator between the words of a stored name's fact, or null if the fact has only one word.
    /// </summary>
    public char? Separator => IsStored && Fact.Count > 1 ? _separator : null;

    /// <summary>
    /// Parses a name. A name without capital letters is a stored name. Any other name is the name of a type.
    /// </summary>
    public static EventName Of(string text) => text.Any(char.IsUpper) ? OfType(text) : OfStored(text);

    public static EventName OfType(string name)
    {
        var words = EventWords.OfType(name);
        var pascal = EventWords.Pascal(words);
        var version = name.StartsWith(pascal, StringComparison.Ordinal) ? name.Substring(pascal.Length) : "";
        return new(name, "", words, '\0', version);
    }

    public static EventName OfStored(string name)
    {
        var dot = name.LastIndexOf('.');
        var fact = dot < 0 ? name : name.Substring(dot + 1);
        var separator = fact.Any(letter => letter == '_') ? '_' : '-';
        return new(name, dot < 0 ? "" : name.Substring(0, dot), EventWords.OfStored(fact), separator, "");
    }

    /// <summary>Creates a name with another fact, written in the same way.</summary>
    public string WithFact(IEnumerable<string> fact)
    {
        var words = fact.ToList();
        if (!IsStored)
            return EventWords.Pascal(words) + _version;
        var entity = EventWords.OfStored(_entity);
        while (words.Count > 1
            && entity.Count > 0
            && EventWords.Singular(words[0]) == EventWords.Singular(entity[entity.Count - 1]))
            words.RemoveAt(0);
        return Dotted(_entity, words, _separator);
    }

    /// <summary>
    /// Creates the stored name for the words of a type: the entity, a dot, and what happened to the entity.
    /// </summary>
    /// <param name="words">The words: order, item, added.</param>
    /// <param name="entity">The entity, or null to use the first word.</param>
    /// <param name="separator">The separator between the words of the fact.</param>
    public static string StoredFor(IReadOnlyList<string> words, string entity, char separator)
    {
        var entityWords = EventWords.OfStored(entity);
        var startsWithEntity = entityWords.Count > 0
            && entityWords.Count < words.Count
            && entityWords.SequenceEqual(words.Take(entityWords.Count));
        return startsWithEntity ? Dotted(entity, words.Skip(entityWords.Count), separator)
            : entity.Length > 0 ? Dotted(entity, words, separator)
            : words.Count == 1 ? words[0]
            : Dotted(words[0], words.Skip(1), separator);
    }

    private static string Dotted(string entity, IEnumerable<string> fact, char separator) =>
        (entity.Length == 0 ? "" : entity + ".") + string.Join(separator.ToString(), fact);
}
