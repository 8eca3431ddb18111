namespace Millrace;

/// <summary>A naming rule for events.</summary>
public enum EventNameRule
{
    /// <summary>
    /// A stored name consists of an entity, a dot, and a word for what happened to the entity, such as
    /// <c>order.placed</c>.
    /// </summary>
    Form,

    /// <summary>The name is in the past tense, such as <c>OrderPlaced</c> and not <c>PlaceOrder</c>.</summary>
    PastTense,

    /// <summary>
    /// The words are from the language of the business, not of the program. For example, <c>OrderPlacedEvent</c> is not
    /// allowed.
    /// </summary>
    DomainLanguage,

    /// <summary>The name contains a single fact. For example, <c>OrderPaidAndShipped</c> is not allowed.</summary>
    OneFact,

    /// <summary>The name has the same style as the existing names.</summary>
    Consistency,
}

/// <summary>A naming rule that a name breaks.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Message">The message for users.</param>
public sealed record EventNameIssue(EventNameRule Rule, string Message);

/// <summary>The result of <see cref="EventNaming.Check"/>.</summary>
/// <param name="IsValid">True if the name breaks no rule. A valid name may still have suggestions.</param>
/// <param name="Issues">The broken rules, with the most severe rule first.</param>
/// <param name="Suggestions">Better names.</param>
public sealed record EventNameCheck(
    bool IsValid, IReadOnlyList<EventNameIssue> Issues, IReadOnlyList<string> Suggestions);

/// <summary>A proposed name for an event of an entity.</summary>
/// <param name="Name">The name of the type, such as <c>OrderPlaced</c>.</param>
/// <param name="StoredName">The stored name, such as <c>order.placed</c>.</param>
/// <param name="Description">A description of what happened, for users.</param>
/// <param name="PastTense">True if the name is in the past tense.</param>
/// <param name="DomainLanguage">True if the name uses the language of the business. Names with created, updated or
/// deleted do not.</param>
public sealed record EventNameProposal(
    string Name, string StoredName, string Description, bool PastTense, bool DomainLanguage);
