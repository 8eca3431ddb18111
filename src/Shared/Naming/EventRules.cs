namespace Millrace.Shared.Naming;

/// <summary>
/// The naming rules for events. Each rule returns better names, or an empty list if the name follows the rule.
/// </summary>
internal static class EventRules
{
    /// <summary>Requires that a stored name consists of the entity, a dot, and the fact.</summary>
    public static IReadOnlyList<string> Form(EventName stored, IReadOnlyList<string> typeWords)
    {
        if (stored.Entity.Length > 0 && stored.Fact.Count > 0)
            return [];
        var words =
            stored.Words.Count > 1 ? stored.Words
            : typeWords.Count > 1 ? typeWords
            : [.. typeWords.Take(1), .. stored.Words];
        if (words.Count < 2)
            return ["entity." + stored.Text];
        // A command such as CloseRoom starts with its verb.
        var fact = EventTense.IsPast(words) ? words : EventTense.ToPast(words);
        return [EventName.StoredFor(fact, "", stored.Separator ?? '-')];
    }

    /// <summary>Requires that the fact is in the past tense.</summary>
    public static IReadOnlyList<string> Tense(EventName name)
    {
        var words = EventLanguage.WithoutTechnical(name.Words) ?? name.Words;
        if (words.Count == 0 || EventTense.IsPast(words))
            return [];
        var fact = EventLanguage.WithoutTechnical(name.Fact) ?? name.Fact;
        return [name.WithFact(EventTense.ToPast(fact))];
    }

    /// <summary>Requires that no word is technical.</summary>
    public static IReadOnlyList<string> Technical(EventName name) =>
        EventLanguage.WithoutTechnical(name.Fact) is { } fact
            ?
            [
                name.WithFact(
                    EventTense.IsPast([.. EventWords.OfStored(name.Entity), .. fact]) ? fact : EventTense.ToPast(fact)),
            ]
            : [];

    /// <summary>
    /// Requires specific words of the business instead of created, updated and deleted, which describe data.
    /// </summary>
    public static IReadOnlyList<string> Business(EventName name) =>
        EventLanguage.DataVerb(name.Fact) is null
            ? []
            : [.. EventLanguage.ToDomainLanguage(EventWords.OfStored(name.Entity), name.Fact).Select(name.WithFact)];

    /// <summary>Requires that an event is one fact.</summary>
    public static IReadOnlyList<string> OneFact(EventName name)
    {
        var fact = name.Fact.ToList();
        var and = fact.Count < 3 ? -1 : fact.FindIndex(1, fact.Count - 2, word => word is "and" or "or" or "then");
        if (and < 0 || EventTense.LastPast([.. fact.Take(and)]) is not (>= 0 and var verb))
            return [];
        var first = fact.Take(and).ToList();
        var second = fact.Skip(and + 1).ToList();
        var subject = name.IsStored || EventTense.LastPast(second) > 0 ? [] : first.Take(verb);
        return [name.WithFact(first), name.WithFact([.. subject, .. second])];
    }

    /// <summary>
    /// Returns whether the type and the stored name have the same words, such as <c>OrderItemAdded</c> and
    /// <c>order.item-added</c>. The type may omit the entity.
    /// </summary>
    public static bool Agree(EventName type, EventName stored)
    {
        var (shorter, longer) =
            type.Words.Count <= stored.Words.Count ? (type.Words, stored.Words) : (stored.Words, type.Words);
        if (shorter.Count == 0 || !Same(shorter[shorter.Count - 1], longer[longer.Count - 1]))
            return false;
        var matchedCount = 0;
        foreach (var word in longer)
        {
            if (matchedCount < shorter.Count && Same(word, shorter[matchedCount]))
                matchedCount++;
        }
        return matchedCount == shorter.Count;
    }

    private static bool Same(string left, string right) => EventWords.Spelling(EventWords.Singular(left))
        == EventWords.Spelling(EventWords.Singular(right));
}
