namespace Millrace;

/// <summary>What of an event ends up where in the documents of a read model, as its code says.</summary>
/// <param name="Event">The stored name of the event.</param>
/// <param name="EventVersion">Its schema version.</param>
/// <param name="Member">The name in JSON of its member; null for what no member says, and where it is not known
/// which.</param>
/// <param name="ReadModel">The name of the read model.</param>
/// <param name="Field">
/// The name in JSON of the document's member; null for the document as a whole, and where it is not known which.
/// </param>
/// <param name="Kind">What the member, or the event, is to the field.</param>
public sealed record MemberFlow(
    string Event, int EventVersion, string? Member, string ReadModel, string? Field, MemberFlowKind Kind);

/// <summary>What a member of an event is to a field of a read model.</summary>
public enum MemberFlowKind
{
    /// <summary>The field's value is made of it.</summary>
    Value,

    /// <summary>It says which document is meant; with a field, the field gets it by way of the key.</summary>
    Key,

    /// <summary>It decides what the field becomes, without being in it; without a field, whether the document
    /// stays.</summary>
    Condition,

    /// <summary>No member says what the field becomes: it is a constant or counted, because the event
    /// happened.</summary>
    Occurrence,

    /// <summary>The event may remove the document.</summary>
    Removal,

    /// <summary>
    /// The code that decides is out of sight: of another assembly, found at run time, or written by hand for all events
    /// at once.
    /// </summary>
    Unknown,
}
