namespace Millrace;

/// <summary>A member whose values are stored encrypted. The generator creates it from an attribute.</summary>
/// <param name="Path">The path of the member in the JSON, as a JSON pointer, such as <c>/email</c>. The segment
/// <c>*</c> means each item of an array and for each member of an object: <c>/guests/*/name</c>. If the member is
/// an object or an array, the whole value is encrypted.</param>
public sealed record ProtectedMember(string Path)
{
    internal const string DefaultKind = "personal";
    internal const string SecretKind = "secret";

    /// <summary>
    /// Gets the path of the member with the id of the data subject, such as <c>/customer</c>. Each <c>*</c> means
    /// the same item as in <see cref="Path"/>. If it is null, the subject of an event is the stream of the event.
    /// </summary>
    public string? Subject { get; init; }

    /// <summary>
    /// Gets the type of the subject, such as <c>customer</c>; required with <see cref="Subject"/>. The subject is then
    /// <c>customer-</c> and the id.
    /// </summary>
    public string? SubjectType { get; init; }

    /// <summary>Gets the kind of data; <c>personal</c> by default.</summary>
    public string Kind { get; init; } = DefaultKind;

    /// <summary>
    /// Gets whether the value is a secret, which has no data subject and is encrypted with a key of the tenant.
    /// </summary>
    public bool IsSecret { get; init; }

    /// <summary>
    /// Gets the name of the indexed field with the value, if it differs from <see cref="Path"/>. The column of this
    /// field contains a keyed hash of the value instead of the value.
    /// </summary>
    public string? Field { get; init; }

    /// <summary>
    /// Gets the JSON value that replaces a value whose key was destroyed; <c>"[erased]"</c> by default.
    /// </summary>
    public string ErasedJson { get; init; } = "\"[erased]\"";

    /// <summary>Returns whether an indexed field of the documents contains the value of this member.</summary>
    internal bool IsOf(string field) =>
        Field is { } own ? own == field : string.Equals(Path, "/" + field, StringComparison.OrdinalIgnoreCase);
}
