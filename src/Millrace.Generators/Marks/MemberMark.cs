namespace Millrace.Generators.Marks;

/// <summary>The attributes of a member whose values are stored encrypted.</summary>
/// <param name="Member">The member.</param>
/// <param name="IsPersonal">True for <c>[PersonalData]</c>.</param>
/// <param name="IsSecret">True for <c>[Secret]</c>.</param>
internal sealed record MemberMark(MemberName Member, bool IsPersonal, bool IsSecret)
{
    public const string DefaultKind = "personal";
    public const string SecretKind = "secret";

    /// <summary>Gets the C# name of the member with the id of the data subject; null for the stream.</summary>
    public string? Subject { get; init; }

    /// <summary>Gets the type of the data subject; null for the category of the aggregate with the id.</summary>
    public string? SubjectType { get; init; }

    public string Kind { get; init; } = DefaultKind;

    /// <summary>Gets the text that replaces an erased text; null for the default.</summary>
    public string? ErasedText { get; init; }

    /// <summary>Gets whether the member is also <c>[Tag]</c>, so that an event stores its value plain.</summary>
    public bool IsTag { get; init; }

    /// <summary>Gets whether the member is also <c>[Indexed]</c>.</summary>
    public bool IsIndexed { get; init; }
}

/// <summary>The name of a member, from which a diagnostic finds its location.</summary>
/// <param name="Type">The metadata name of the declaring type.</param>
/// <param name="Name">The name of the member.</param>
internal sealed record MemberName(string Type, string Name);
