namespace Millrace;

/// <summary>
/// Marks a member that contains personal data of a data subject, such as the e-mail address of a customer. With keys
/// (<c>UseSqliteKeys</c>, <c>UsePostgreSqlKeys</c>), Millrace stores the value encrypted with a key of the subject.
/// </summary>
/// <remarks>
/// The subject of an event is by default its stream, such as <c>customer-42</c>. If the member belongs to another
/// subject, or if the type is not an event, <see cref="Subject"/> names the member with the id of the subject.
/// </remarks>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field | AttributeTargets.Parameter)]
public sealed class PersonalDataAttribute : Attribute
{
    /// <summary>
    /// Gets the name of the member of the same type that contains the id of the subject; null for the stream.
    /// </summary>
    public string? Subject { get; init; }

    /// <summary>
    /// Gets the type of the subject, which is the category of its stream, such as <c>customer</c>. If it is null, it is
    /// the category of the aggregate whose id the subject's member contains.
    /// </summary>
    public string? SubjectType { get; init; }

    /// <summary>
    /// Gets the kind of data, which can be erased separately, such as <c>contact</c>; <c>personal</c> by default.
    /// Lower-case letters, digits and dashes.
    /// </summary>
    public string Kind { get; init; } = ProtectedMember.DefaultKind;

    /// <summary>
    /// Gets the text that replaces an erased value of a text member; <c>[erased]</c> by default. Members of other types
    /// have null, 0, false or the earliest date instead.
    /// </summary>
    public string? ErasedText { get; init; }
}
