namespace Millrace;

/// <summary>A naming rule for events.</summary>
public enum EventNameRule
{
    /// <summary>
    /// A stored name consists of an entity, a dot, and what happened to the entity: <c>order.placed</c>.
    /// </summary>
    Form,

    /// <summary>The name is in the past tense: <c>OrderPlaced</c>, not <c>PlaceOrder</c>.</summary>
    PastTense,

    /// <summary>The words are those of the business, not of the program: no <c>OrderPlacedEvent</c>.</summary>
    DomainLanguage,

    /// <summary>The name is one fact: no <c>OrderPaidAndShipped</c>.</summary>
    OneFact,

    /// <summary>The name is written in the same way as the existing names.</summary>
    Consistency,
}

/// <summary>A naming rule that a name breaks.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Message">The message for users.</param>
public sealed record EventNameIssue(EventNameRule Rule, string Message);

/// <summary>The result of <see cref="EventNaming.Check"/>.</summary>
/// <param name="IsValid">True if the name breaks no rule. A valid name may still have suggestions.</param>
/// <param name="Issues">The rules that the name breaks, the most severe first.</param>
/// <param name="Suggestions">Better names.</param>
public sealed record EventNameCheck(
    bool IsValid, IReadOnlyList<EventNameIssue> Issues, IReadOnlyList<string> Suggestions);

/// <summary>A proposed name for an event of an entity.</summary>
/// <param name="Name">The name of the type: <c>OrderPlaced</c>.</param>
/// <param name="StoredName">The stored name: <c>order.placed</c>.</param>
/// <param name="Description">A description of what happened, for users.</param>
/// <param name="PastTense">True if the name is in the past tense.</param>
/// <param name="DomainLanguage">True if the name uses the language of the business; names with created, updated and
/// deleted do not.</param>
public sealed record EventNameProposal(
    string Name, string StoredName, string Description, bool PastTense, bool DomainLanguage);
