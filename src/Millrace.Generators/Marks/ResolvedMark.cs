namespace Millrace.Generators.Marks;

/// <summary>A marked member with the values that the model registers.</summary>
internal sealed record ResolvedMark(string Path, MemberMark Mark)
{
    /// <summary>Gets the path of the member with the id of the data subject, or null.</summary>
    public string? Subject { get; init; }

    public string? SubjectType { get; init; }

    public string ErasedJson { get; init; } = ErasedValues.DefaultJson;

    /// <summary>Gets the type whose rule must accept the erased text, or null.</summary>
    public string? CheckedType { get; init; }

    /// <summary>Returns true if two marks encrypt a value with the same key.</summary>
    public bool HasSameKeyAs(ResolvedMark other) =>
        (Subject, SubjectType, Mark.Kind, Mark.IsSecret)
        == (other.Subject, other.SubjectType, other.Mark.Kind, other.Mark.IsSecret);
}

/// <summary>The marked members of an event type or of the documents of a read model.</summary>
internal sealed record MarkedType(string Name, IReadOnlyList<ResolvedMark> Members);
