using Millrace.Generators.Json;

namespace Millrace.Generators.Marks;

/// <summary>A marked member of an event or of a document, at a path.</summary>
/// <param name="Path">The path as a JSON pointer.</param>
/// <param name="Mark">The mark.</param>
/// <param name="Member">The member.</param>
/// <param name="Owner">The object that contains the member.</param>
/// <param name="OwnerPath">The path of this object.</param>
/// <param name="IsRecursive">True if an object on the path can contain itself.</param>
internal sealed record MarkedMember(
    string Path, MemberMark Mark, JsonMember Member, JsonShape Owner, string OwnerPath, bool IsRecursive);
