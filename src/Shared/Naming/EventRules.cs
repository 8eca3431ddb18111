namespace Millrace;

/// <summary>
/// What is wrong with a name of an event, rule by rule: each gives names that would be right, or nothing when all is
/// well.
/// </summary>
internal static class EventRules
{
    /// <summary>A stored name is the entity, a dot, and what happened to it.</summary>
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
        // An order such as CloseRoom begins with its verb.
        var fact = EventTense.IsPast(words) ? words : EventTense.ToPast(words);
        return [EventName.StoredFor(fact, "", stored.Separator ?? '-')];
    }

    /// <summary>What happened is said in the past tense.</summary>
    public static IReadOnlyList<string> Tense(EventName name)
    {
        var words = EventLanguage.WithoutTechnical(name.Words) ?? name.Words;
        if (words.Count == 0 || EventTense.IsPast(words))
            return [];
        var fact = EventLanguage.WithoutTechnical(name.Fact) ?? name.Fact;
        return [name.WithFact(EventTense.ToPast(fact))];
    }

    /// <summary>No word is one of the program's.</summary>
    public static IReadOnlyList<string> Technical(EventName name) =>
        EventLanguage.WithoutTechnical(name.Fact) is { } fact
            ?
            [
                name.WithFact(
                    EventTense.IsPast([.. EventWords.OfStored(name.Entity), .. fact]) ? fact : EventTense.ToPast(fact)),
            ]
            : [];

    /// <summary>Created, updated and deleted speak of data; the trade has its own words.</summary>
    public static IReadOnlyList<string> Trade(EventName name) =>
        EventLanguage.DataVerb(name.Fact) is null
            ? []
            : [.. EventLanguage.ToDomainLanguage(EventWords.OfStored(name.Entity), name.Fact).Select(name.WithFact)];

    /// <summary>An event is one fact.</summary>
    public static IReadOnlyList<string> OneFact(EventName name)
    {
        var fact = name.Fact.ToList();
        var and = fact.Count < 3 ? -1 : fact.FindIndex(1, fact.Count - 2, word => word is "and" or "or" or "then");
        if (and < 0 || EventTense.LastPast([.. fact.Take(and)]) is not (>= 0 and var verb))
            return [];
        var (first, second) = (fact.Take(and).ToList(), fact.Skip(and + 1).ToList());
        var subject = name.IsStored || EventTense.LastPast(second) > 0 ? [] : first.Take(verb);
        return [name.WithFact(first), name.WithFact([.. subject, .. second])];
    }

    /// <summary>
    /// The type and what is stored say the same: <c>OrderItemAdded</c> and <c>order.item-added</c>. The type may leave
    /// the entity out.
    /// </summary>
    public static bool Agree(EventName type, EventName stored)
    {
        var (shorter, longer) =
            type.Words.Count <= stored.Words.Count ? (type.Words, stored.Words) : (stored.Words, type.Words);
        if (shorter.Count == 0 || !Same(shorter[shorter.Count - 1], longer[longer.Count - 1]))
            return false;
        var at = 0;
        foreach (var word in longer)
        {
            if (at < shorter.Count && Same(word, shorter[at]))
                at++;
        }
        return at == shorter.Count;
    }

    private static bool Same(string left, string right) => EventWords.Spelling(EventWords.Singular(left))
        == EventWords.Spelling(EventWords.Singular(right));
}
