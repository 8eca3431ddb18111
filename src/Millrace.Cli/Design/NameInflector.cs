using Millrace.Shared.Naming;

namespace Millrace.Cli.Design;

/// <summary>Derives names from the words of a description.</summary>
internal static class NameInflector
{
    // States named by an adjective, with the verb that leads to them.
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

    /// <summary>Returns a name for a parameter or a variable.</summary>
    public static string Local(string name) =>
        ReservedNames.IsReservedAttribute(Camel(name)) ? "@" + Camel(name) : Camel(name);

    public static string Kebab(string name) => string.Join('-', EventWords.OfType(name));

    public static string Plural(string name) => name switch
    {
        [.., 'y'] when name.Length > 1 && !"aeiou".Contains(name[^2], StringComparison.Ordinal) => name[..^1] + "ies",
        [.., 's'] or [.., 'x'] or [.., 'c', 'h'] or [.., 's', 'h'] => name + "es",
        _ => name + "s",
    };

    /// <summary>Returns true for lower case words separated by single spaces.</summary>
    public static bool IsVerb(string verb) =>
        verb.Split(' ').All(word => word.Length > 0 && word.All(char.IsAsciiLetterLower));

    /// <summary>
    /// Returns the verb that leads to a state (Paid: pay; Active: activate), or null when it cannot be derived.
    /// </summary>
    public static string? VerbOf(string state)
    {
        if (Adjectives.TryGetValue(state, out var known))
            return known;
        var words = EventWords.OfType(state).ToList();
        return words.Count > 0 && Verbs.VerbOf(words[^1]) is { } verb
            ? string.Join(' ', words.SkipLast(1).Prepend(verb))
            : null;
    }

    /// <summary>Returns the event words for a verb (pay: paid; start processing: processing started).</summary>
    public static IReadOnlyList<string> FactOf(string verb)
    {
        var words = verb.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return [.. words.Skip(1), Verbs.PastOf(words[0])];
    }
}
