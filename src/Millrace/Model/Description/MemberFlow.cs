namespace Millrace;

/// <summary>The flow of an event's member into a read model's documents, according to the code.</summary>
/// <param name="Event">The stored name of the event.</param>
/// <param name="EventVersion">The schema version.</param>
/// <param name="Member">The JSON name of the event's member; null if no member is used, or if it is unknown
/// which.</param>
/// <param name="ReadModel">The name of the read model.</param>
/// <param name="Field">The JSON name of the document's member; null for the whole document, or if it is unknown
/// which.</param>
/// <param name="Kind">How the member, or the event, affects the field.</param>
public sealed record MemberFlow(
    string Event, int EventVersion, string? Member, string ReadModel, string? Field, MemberFlowKind Kind);

/// <summary>How a member of an event affects a field of a read model.</summary>
public enum MemberFlowKind
{
    /// <summary>The field's value is computed from it.</summary>
    Value,

    /// <summary>It selects the document; with a field, the field gets it through the key.</summary>
    Key,

    /// <summary>
    /// It decides the field's value without being part of it; without a field, it decides whether the document is kept.
    /// </summary>
    Condition,

    /// <summary>No member determines the field: it is a constant or a count, because the event happened.</summary>
    Occurrence,

    /// <summary>The event may remove the document.</summary>
    Removal,

    /// <summary>
    /// The deciding code is not visible: it is in another assembly, found at run time, or written by hand for all
    /// events.
    /// </summary>
    Unknown,
}
