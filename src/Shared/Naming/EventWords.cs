using System.Text;

namespace Millrace.Shared.Naming;

/// <summary>Splits names into lower-case words.</summary>
internal static class EventWords
{
    /// <summary>
    /// Splits <c>OrderItemAdded</c> into order, item, added. A version at the end, as in <c>OrderPlacedV2</c>, is
    /// omitted.
    /// </summary>
    public static IReadOnlyList<string> OfType(string name)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        for (var index = 0; index < name.Length; index++)
        {
            var character = name[index];
            var starts = char.IsUpper(character) && word.Length > 0
                && (!char.IsUpper(name[index - 1]) || (index + 1 < name.Length && char.IsLower(name[index + 1])));
            if (starts || !char.IsLetterOrDigit(character))
                AddWord(words, word);
            if (char.IsLetterOrDigit(character))
                word.Append(char.ToLowerInvariant(character));
        }
        AddWord(words, word);
        RemoveVersion(words);
        return words;
    }

    /// <summary>Splits <c>order.item-added</c> into order, item, added.</summary>
    public static IReadOnlyList<string> OfStored(string name) =>
        name.ToLowerInvariant().Split(['.', '-', '_'], StringSplitOptions.RemoveEmptyEntries);

    public static string Pascal(IEnumerable<string> words) =>
        string.Concat(words.Select(word => char.ToUpperInvariant(word[0]) + word.Substring(1)));

    /// <summary>Returns the singular. For example, the singular of "categories" is "category".</summary>
    public static string Singular(string word) =>
        word switch
        {
            _ when word.Length < 4
                    || word.EndsWith("ss", StringComparison.Ordinal)
                    || word.EndsWith("us", StringComparison.Ordinal)
                    || word.EndsWith("is", StringComparison.Ordinal) => word,
            _ when word.EndsWith("ies", StringComparison.Ordinal) && word.Length > 4 => word.Remove(word.Length - 3)
                + "y",
            _ when Sibilants.Any(end => word.EndsWith(end, StringComparison.Ordinal)) => word.Substring(
                0, word.Length - 2),
            _ when word[word.Length - 1] == 's' => word.Substring(0, word.Length - 1),
            _ => word,
        };

    /// <summary>Returns a single spelling for words with two spellings, such as canceled and cancelled.</summary>
    public static string Spelling(string word)
    {
        foreach (var (other, ours) in Spellings)
        {
            if (word.EndsWith(other, StringComparison.Ordinal))
                return word.Remove(word.Length - other.Length) + ours;
        }
        return word;
    }

    private static readonly string[] Sibilants = ["sses", "shes", "ches", "xes", "zes"];

    private static readonly (string Other, string Ours)[] Spellings =
    [
        ("celed", "celled"),
        ("beled", "belled"),
        ("veled", "velled"),
        ("deled", "delled"),
        ("naled", "nalled"),
        ("ueled", "uelled"),
        ("ized", "ised"),
        ("yzed", "ysed"),
        ("ization", "isation"),
        ("avored", "avoured"),
        ("olored", "oloured"),
    ];

    private static void AddWord(List<string> words, StringBuilder word)
    {
        if (word.Length > 0)
            words.Add(word.ToString());
        word.Clear();
    }

    private static void RemoveVersion(List<string> words)
    {
        if (words.Count < 2)
            return;
        var last = words[words.Count - 1];
        var digits = last.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
        if (digits.Length == last.Length)
            return;
        if (digits is "" or "v")
            words.RemoveAt(words.Count - 1);
        else
            words[words.Count - 1] = digits;
    }
}
