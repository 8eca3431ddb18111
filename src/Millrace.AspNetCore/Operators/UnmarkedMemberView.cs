using System.ComponentModel;

namespace Millrace.AspNetCore.Operators;

/// <summary>A member with a sensitive name and plain values, for operators.</summary>
[Description("A member of events without a CLR type, which has a sensitive name and no mark. Its values are plain.")]
internal sealed record UnmarkedMemberView(
    [property: Description("The stored name of the event type.")] string EventType,
    [property: Description("The path of the member, with * for each item of an array.")] string Path,
    [property: Description("The sensitive word in the name.")] string Word)
{
    public static UnmarkedMemberView Of(UnmarkedMember member) => new(member.EventType, member.Path, member.Word);
}
