namespace Millrace;

/// <summary>The effect of an event's member on the documents of a read model, according to the code.</summary>
/// <param name="Event">The stored name of the event.</param>
/// <param name="EventVersion">The schema version.</param>
/// <param name="Member">The JSON name of the event's member; null if no member is used, or if the member is
/// unknown.</param>
/// <param name="ReadModel">The name of the read model.</param>
/// <param name="Field">The JSON name of the document's member; null for the whole document, or if the member is
/// unknown.</param>
/// <param name="Kind">The kind of effect of the member or the event on the field.</param>
public sealed record MemberFlow(
    string Event, int EventVersion, string? Member, string ReadModel, string? Field, MemberFlowKind Kind);

/// <summary>The kind of effect of an event's member on a field of a read model.</summary>
public enum MemberFlowKind
{
    /// <summary>The field's value is computed from the event's member.</summary>
    Value,

    /// <summary>
    /// The event's member is the key that selects the document. If a field is set, the field contains this key.
    /// </summary>
    Key,

    /// <summary>
    /// The event's member is part of a condition for the field's value. If no field is set, the condition decides
    /// whether the document is kept.
    /// </summary>
    Condition,

    /// <summary>
    /// No member of the event determines the field. The field is, for example, a constant or a number of events.
    /// </summary>
    Occurrence,

    /// <summary>The event may remove the document.</summary>
    Removal,

    /// <summary>
    /// The effect is unknown, because the generator cannot see the code. The code is in another assembly, found at run
    /// time, or handwritten for all events.
    /// </summary>
    Unknown,
}
