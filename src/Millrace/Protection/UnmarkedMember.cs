namespace Millrace;

/// <summary>A member of events that has a sensitive name and no mark, so that its values are stored plain.</summary>
/// <param name="EventType">The stored name of the event type.</param>
/// <param name="Path">The path of the member, such as <c>/customer/email</c>. The segment <c>*</c> means each item of
/// an array and each key of a dictionary.</param>
/// <param name="Word">The sensitive word in the name, such as <c>email</c>.</param>
public sealed record UnmarkedMember(string EventType, string Path, string Word);
