namespace Millrace.Shared.Naming;

/// <summary>Finds sensitive words in the names of members.</summary>
internal static class SensitiveName
{
    private static readonly char[] Digits = "0123456789".ToCharArray();

    private static readonly string[][] Secrets =
        [["password"], ["token"], ["secret"], ["credit", "card"], ["creditcard"], ["key"]];

    private static readonly string[][] Personal = [["ssn"], ["email"], ["e", "mail"], ["phone"], ["address"]];

    /// <summary>
    /// Returns the sensitive word of a name with the attribute for it, or null. A name is split into words:
    /// <c>ApiKey</c> contains key, and <c>Monkey</c> does not.
    /// </summary>
    public static (string Word, string Attribute)? Find(string name)
    {
        var words = EventWords.OfType(name).Select(word => EventWords.Singular(word.TrimEnd(Digits))).ToList();
        if (words is ["key"])
            return null; // The key of a document or of an entry.
        return Find(words, Secrets) is { } secret ? (secret, "Secret")
            : Find(words, Personal) is { } personal ? (personal, "PersonalData")
            : null;
    }

    private static string? Find(List<string> words, string[][] sensitive) => sensitive
        .Where(sequence => Contains(words, sequence))
        .Select(sequence => string.Join(" ", sequence))
        .FirstOrDefault();

    private static bool Contains(List<string> words, string[] sequence) =>
        Enumerable.Range(0, Math.Max(0, words.Count - sequence.Length + 1))
            .Any(start => words.Skip(start).Take(sequence.Length).SequenceEqual(sequence));
}
