namespace Millrace.Cli.Design;

/// <summary>What the words of a description become in names.</summary>
internal static class NameInflector
{
    // States that are said by an adjective, with the verb that leads there.
    private static readonly Dictionary<string, string> Adjectives = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Active"] = "activate",
        ["Inactive"] = "deactivate",
        ["Open"] = "open",
        ["Ready"] = "complete",
        ["Draft"] = "draft",
        ["Done"] = "complete",
        ["Processing"] = "start processing",
        ["Shipping"] = "start shipping",
        ["Live"] = "publish",
        ["Free"] = "release",
        ["Void"] = "void",
    };

    public static string Pascal(string name) => char.ToUpperInvariant(name[0]) + name[1..];

    public static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    /// <summary>A name of a parameter or a variable.</summary>
    public static string Local(string name) => ReservedNames.IsAttribute(Camel(name)) ? "@" + Camel(name) : Camel(name);

    public static string Kebab(string name) => string.Join('-', EventWords.OfType(name));

    public static string Plural(string name) => name switch
    {
        [.., 'y'] when name.Length > 1 && !"aeiou".Contains(name[^2], StringComparison.Ordinal) => name[..^1] + "ies",
        [.., 's'] or [.., 'x'] or [.., 'c', 'h'] or [.., 's', 'h'] => name + "es",
        _ => name + "s",
    };

    /// <summary>Whether it is words in small letters, one space between them.</summary>
    public static bool IsVerb(string verb) =>
        verb.Split(' ').All(word => word.Length > 0 && word.All(char.IsAsciiLetterLower));

    /// <summary>The verb that leads to a state: Paid, pay; Active, activate; null when its name does not tell
    /// it.</summary>
    public static string? VerbOf(string state)
    {
        if (Adjectives.TryGetValue(state, out var known))
            return known;
        var words = EventWords.OfType(state).ToList();
        return words.Count > 0 && Verbs.VerbOf(words[^1]) is { } verb
            ? string.Join(' ', words.SkipLast(1).Prepend(verb))
            : null;
    }

    /// <summary>What has happened when somebody did it: pay, paid; start processing, processing started.</summary>
    public static IReadOnlyList<string> FactOf(string verb)
    {
        var words = verb.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return [.. words.Skip(1), Verbs.PastOf(words[0])];
    }
}
