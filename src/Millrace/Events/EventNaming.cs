namespace Millrace;

/// <summary>
/// The rules for names of events, at run time: checks a name against them and against the names that are there, and
/// proposes names. The diagnostics of the compiler apply the same rules.
/// </summary>
public static class EventNaming
{
    /// <summary>Checks the name of an event type (<c>OrderPlaced</c>) or a stored one (<c>order.placed</c>).</summary>
    /// <param name="name">The name. With a capital letter it is that of a type.</param>
    /// <param name="existing">
    /// The names that are there already, with which a stored name must agree; types' names among them are passed over.
    /// </param>
    /// <exception cref="ArgumentException">The name is empty or white space.</exception>
    public static EventNameCheck Check(string name, params IEnumerable<string> existing)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(existing);
        var found = EventName.Of(name);
        var issues = new List<EventNameIssue>();
        var suggestions = new List<string>();
        if (found.IsStored)
            Note(
                EventNameRule.Form,
                EventRules.Form(found, []),
                "A stored name is the entity, a dot, and what happened to it.");
        Note(EventNameRule.PastTense, EventRules.Tense(found), "It does not say what has happened, in the past tense.");
        Note(EventNameRule.DomainLanguage, EventRules.Technical(found), "It has a word that only a program would use.");
        Note(EventNameRule.OneFact, EventRules.OneFact(found), "It tells more than one fact: make it several events.");
        if (found.IsStored && new EventNameSet(existing.Select(EventName.Of)).Instead(found) is { } usual)
            Note(EventNameRule.Consistency, [usual], "It is not written like the names that are there already.");
        suggestions.AddRange(EventRules.Trade(found));
        return new(issues.Count == 0, issues, [.. suggestions.Distinct(StringComparer.Ordinal)]);

        void Note(EventNameRule rule, IReadOnlyList<string> instead, string message)
        {
            if (instead.Count > 0)
                issues.Add(new(rule, message));
            suggestions.AddRange(instead);
        }
    }

    /// <summary>
    /// Proposes names for what can happen to an entity: what people in the trade would say, and after that the three of
    /// data.
    /// </summary>
    /// <param name="entity">The entity, in the singular: <c>Order</c>, <c>shopping cart</c>.</param>
    /// <exception cref="ArgumentException">The entity has no letter.</exception>
    public static IReadOnlyList<EventNameProposal> Propose(string entity)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(entity);
        var words = EventWords.OfType(entity);
        if (words.Count == 0)
            throw new ArgumentException($"'{entity}' has no letter: name an entity, such as Order.", nameof(entity));
        IReadOnlyList<string> one = [.. words.Take(words.Count - 1), EventWords.Singular(words[^1])];
        var ofData = new[] { "created", "updated", "deleted" };
        var ofTrade = ofData.SelectMany(verb => EventLanguage.ToDomainLanguage(one, [verb]));
        return
        [
            .. ofTrade.Select(fact => Proposal(one, fact, isTrade: true)),
            .. ofData.Select(verb => Proposal(one, [verb], isTrade: false)),
        ];
    }

    private static EventNameProposal Proposal(IReadOnlyList<string> entity, IReadOnlyList<string> fact, bool isTrade)
    {
        IReadOnlyList<string> words = [.. entity, .. fact];
        var thing = string.Join(' ', entity);
        var said = fact.Count > 1 ? $"The {string.Join(' ', fact.Take(fact.Count - 1))} of the {thing} were {fact[^1]}."
            : $"The {thing} was {fact[0]}.";
        return new(
            EventWords.Pascal(words),
            $"{string.Join('-', entity)}.{string.Join('-', fact)}",
            said,
            EventTense.IsPast(words),
            isTrade);
    }
}
