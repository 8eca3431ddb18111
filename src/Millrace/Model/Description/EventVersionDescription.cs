namespace Millrace;

/// <summary>The description of a version of an event.</summary>
/// <param name="Version">The schema version, from 1.</param>
public sealed record EventVersionDescription(int Version)
{
    /// <summary>Gets the CLR type of this version; null if an upcaster reads this version as JSON.</summary>
    public Type? ClrType { get; init; }

    /// <summary>Gets the members of this version. If there is no CLR type, the members have no C# types.</summary>
    public IReadOnlyList<EventMember> Members { get; init; } = [];

    /// <summary>Gets the media type of the payloads.</summary>
    public string? ContentType { get; init; }

    /// <summary>
    /// Gets the oldest version whose readers can also read this version; 0 if only readers of this version can read it.
    /// </summary>
    public int ReadableBy { get; init; }

    /// <summary>
    /// Gets the effects of this version and its members on read models; empty if no read model uses this version.
    /// </summary>
    public IReadOnlyList<MemberFlow> ShownIn { get; init; } = [];

    /// <summary>Gets the results of the version's upcaster, in order; empty if the version has no upcaster.</summary>
    public IReadOnlyList<EventVersionName> Becomes { get; init; } = [];

    /// <summary>
    /// Gets the final results of all upcasters. These can be this version itself, another version, several events, or
    /// no event.
    /// </summary>
    public IReadOnlyList<EventVersionName> ReadAs { get; init; } = [];

    /// <summary>
    /// Gets the event that results from a merge of this event with its neighbor; null if this event is not merged.
    /// </summary>
    public EventVersionName? MergedInto { get; init; }
}
