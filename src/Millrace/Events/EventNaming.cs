using Millrace.Shared.Naming;

namespace Millrace;

/// <summary>
/// Applies the naming rules for events at run time. This class checks names against the rules and the existing names,
/// and proposes names. The compiler diagnostics apply the same rules.
/// </summary>
public static class EventNaming
{
    /// <summary>Checks the name of an event type (<c>OrderPlaced</c>) or a stored name (<c>order.placed</c>).</summary>
    /// <param name="name">The name. If it contains a capital letter, it is the name of a type.</param>
    /// <param name="existing">The existing names, with which a stored name must be consistent. Names of types are
    /// ignored.</param>
    /// <exception cref="ArgumentException">The name is empty or white space.</exception>
    public static EventNameCheck Check(string name, params IEnumerable<string> existing)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(existing);
        var eventName = EventName.Of(name);
        var issues = new List<EventNameIssue>();
        var suggestions = new List<string>();
        if (eventName.IsStored)
            AddIssue(
                EventNameRule.Form,
                EventRules.Form(eventName, []),
                "A stored name consists of the entity, a dot, and what happened to the entity.");
        AddIssue(EventNameRule.PastTense, EventRules.Tense(eventName), "The name is not in the past tense.");
        AddIssue(EventNameRule.DomainLanguage, EventRules.Technical(eventName), "The name contains a technical word.");
        AddIssue(
            EventNameRule.OneFact,
            EventRules.OneFact(eventName),
            "The name contains several facts: use several events.");
        if (eventName.IsStored
            && new EventNameSet(existing.Select(EventName.Of)).Instead(eventName) is { } consistentName)
            AddIssue(
                EventNameRule.Consistency,
                [consistentName],
                "The name is not written in the same way as the existing names.");
        suggestions.AddRange(EventRules.Business(eventName));
        return new(issues.Count == 0, issues, [.. suggestions.Distinct(StringComparer.Ordinal)]);

        void AddIssue(EventNameRule rule, IReadOnlyList<string> suggested, string message)
        {
            if (suggested.Count > 0)
                issues.Add(new(rule, message));
            suggestions.AddRange(suggested);
        }
    }

    /// <summary>
    /// Proposes names for events of an entity. Names with words of the business come first, followed by names with
    /// created, updated and deleted.
    /// </summary>
    /// <param name="entity">The entity, in the singular, such as <c>Order</c> or <c>shopping cart</c>.</param>
    /// <exception cref="ArgumentException">The entity contains no letter.</exception>
    public static IReadOnlyList<EventNameProposal> Propose(string entity)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(entity);
        var words = EventWords.OfType(entity);
        if (words.Count == 0)
            throw new ArgumentException($"'{entity}' has no letter: name an entity, such as Order.", nameof(entity));
        IReadOnlyList<string> singular = [.. words.Take(words.Count - 1), EventWords.Singular(words[^1])];
        var dataVerbs = new[] { "created", "updated", "deleted" };
        var businessFacts = dataVerbs.SelectMany(verb => EventLanguage.ToDomainLanguage(singular, [verb]));
        return
        [
            .. businessFacts.Select(fact => Proposal(singular, fact, isBusiness: true)),
            .. dataVerbs.Select(verb => Proposal(singular, [verb], isBusiness: false)),
        ];
    }

    private static EventNameProposal Proposal(
        IReadOnlyList<string> entity, IReadOnlyList<string> fact, bool isBusiness)
    {
        IReadOnlyList<string> words = [.. entity, .. fact];
        var name = string.Join(' ', entity);
        var description = fact.Count > 1
            ? $"The {string.Join(' ', fact.Take(fact.Count - 1))} of the {name} were {fact[^1]}."
            : $"The {name} was {fact[0]}.";
        return new(
            EventWords.Pascal(words),
            $"{string.Join('-', entity)}.{string.Join('-', fact)}",
            description,
            EventTense.IsPast(words),
            isBusiness);
    }
}
