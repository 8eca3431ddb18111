namespace Millrace;

/// <summary>A name of an event as words: of a type (<c>OrderPlaced</c>) or stored (<c>order.placed</c>).</summary>
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

    /// <summary>All words.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>What is said of the entity; of a type's name, all words.</summary>
    public IReadOnlyList<string> Fact { get; }

    /// <summary>Of a stored name, what stands before the last dot: <c>order</c>; else empty.</summary>
    public string Entity => _entity;

    /// <summary>Of a stored name, what parts the words of its fact; null when there is nothing to part.</summary>
    public char? Separator => IsStored && Fact.Count > 1 ? _separator : null;

    /// <summary>A name as people type it: with a dot or without any capital it is a stored one.</summary>
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

    /// <summary>The same name saying something else, written in the same way.</summary>
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

    /// <summary>The stored name for the words of a type: the entity, a dot, and what happened to it.</summary>
    /// <param name="words">The words: order, item, added.</param>
    /// <param name="entity">The entity they are of, if that is known; else it is the first of them.</param>
    /// <param name="separator">What parts the words of what happened.</param>
    public static string StoredFor(IReadOnlyList<string> words, string entity, char separator)
    {
        var of = EventWords.OfStored(entity);
        var begins = of.Count > 0 && of.Count < words.Count && of.SequenceEqual(words.Take(of.Count));
        return begins ? Dotted(entity, words.Skip(of.Count), separator)
            : entity.Length > 0 ? Dotted(entity, words, separator)
            : words.Count == 1 ? words[0]
            : Dotted(words[0], words.Skip(1), separator);
    }

    private static string Dotted(string entity, IEnumerable<string> fact, char separator) =>
        (entity.Length == 0 ? "" : entity + ".") + string.Join(separator.ToString(), fact);
}
