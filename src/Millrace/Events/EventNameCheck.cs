namespace Millrace;

/// <summary>A rule that names of events follow.</summary>
public enum EventNameRule
{
    /// <summary>A stored name is an entity, a dot, and what happened to it: <c>order.placed</c>.</summary>
    Form,

    /// <summary>It says what has happened: <c>OrderPlaced</c>, not <c>PlaceOrder</c>.</summary>
    PastTense,

    /// <summary>Its words are the trade's, not the program's: no <c>OrderPlacedEvent</c>.</summary>
    DomainLanguage,

    /// <summary>It is one fact: no <c>OrderPaidAndShipped</c>.</summary>
    OneFact,

    /// <summary>It is written like the names that are there already.</summary>
    Consistency,
}

/// <summary>A rule that a name breaks.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Message">What is wrong, for people.</param>
public sealed record EventNameIssue(EventNameRule Rule, string Message);

/// <summary>What <see cref="EventNaming.Check"/> found.</summary>
/// <param name="IsValid">Whether the name breaks no rule. A valid name may still have suggestions: better
/// words.</param>
/// <param name="Issues">The rules it breaks, the worst first.</param>
/// <param name="Suggestions">Names that would be better.</param>
public sealed record EventNameCheck(
    bool IsValid, IReadOnlyList<EventNameIssue> Issues, IReadOnlyList<string> Suggestions);

/// <summary>A name that an event of an entity could have.</summary>
/// <param name="Name">The type's name: <c>OrderPlaced</c>.</param>
/// <param name="StoredName">The name it is stored under: <c>order.placed</c>.</param>
/// <param name="Description">What has happened, in words for people.</param>
/// <param name="PastTense">Whether it is in the past tense.</param>
/// <param name="DomainLanguage">Whether it speaks the trade's language; of created, updated and deleted, it does
/// not.</param>
public sealed record EventNameProposal(
    string Name, string StoredName, string Description, bool PastTense, bool DomainLanguage);
