using Millrace.Serialization;

namespace Millrace;

/// <summary>A command.</summary>
/// <param name="Name">The stable name.</param>
/// <param name="Context">The bounded context.</param>
/// <param name="Type">The CLR type.</param>
/// <param name="ResultType">The CLR type of the answer.</param>
public sealed record CommandDescription(string Name, string Context, Type Type, Type ResultType)
{
    /// <summary>Gets the summary of its documentation, or that of its handler; null if there is none.</summary>
    public string? Summary { get; init; }

    /// <summary>Gets its members.</summary>
    public IReadOnlyList<MemberDescription> Members { get; init; } = [];

    /// <summary>Gets the full name of the class that handles it; null if it is unknown.</summary>
    public string? Handler { get; init; }

    /// <summary>Gets the aggregates that it loads, and what it does to them.</summary>
    public IReadOnlyList<CommandTarget> Targets { get; init; } = [];

    /// <summary>Gets the stored names of the events that its handler appends directly.</summary>
    public IReadOnlyList<string> Appends { get; init; } = [];

    /// <summary>Gets the scopes of its unique values.</summary>
    public IReadOnlyList<string> Claims { get; init; } = [];

    /// <summary>Gets the names of the rules that its handler checks in addition to those of aggregates.</summary>
    public IReadOnlyList<string> Rules { get; init; } = [];

    /// <summary>Gets whether it depends on the absence of certain events since the decision.</summary>
    public bool IsConditional { get; init; }

    /// <summary>
    /// Gets its append conditions, as written in the source: the arguments of <see cref="CommandContext.OnlyIf"/>.
    /// </summary>
    public IReadOnlyList<string> Conditions { get; init; } = [];

    /// <summary>Gets the consumers and other code that send it; external senders are unknown.</summary>
    public IReadOnlyList<string> SentBy { get; init; } = [];

    /// <summary>Gets all stored names of events that it may cause.</summary>
    public IEnumerable<string> Events =>
        Targets.SelectMany(target => target.Events).Concat(Appends).Distinct(StringComparer.Ordinal);
}

/// <summary>The effect of a command on an aggregate.</summary>
/// <param name="Aggregate">The aggregate's name.</param>
/// <param name="Must">What the command requires of it.</param>
/// <param name="Methods">The methods that the command calls and that raise events.</param>
/// <param name="Events">The stored names of the events that it may raise; none if it is only read.</param>
public sealed record CommandTarget(
    string Aggregate, TargetRequirement Must, IReadOnlyList<string> Methods, IReadOnlyList<string> Events)
{
    /// <summary>Gets whether the command changes it.</summary>
    public bool IsChanged => Events.Count > 0;
}

/// <summary>What a command requires of an aggregate.</summary>
public enum TargetRequirement
{
    /// <summary>The aggregate must exist.</summary>
    Exist,

    /// <summary>The aggregate must not exist yet.</summary>
    BeNew,

    /// <summary>The aggregate may exist or not.</summary>
    Anything,
}
