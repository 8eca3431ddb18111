using Millrace.Serialization;

namespace Millrace;

/// <summary>The description of a command.</summary>
/// <param name="Name">The stable name.</param>
/// <param name="Context">The bounded context.</param>
/// <param name="Type">The CLR type.</param>
/// <param name="ResultType">The CLR type of the answer.</param>
public sealed record CommandDescription(string Name, string Context, Type Type, Type ResultType)
{
    /// <summary>
    /// Gets the summary in the documentation of the command or its handler; null if neither is documented.
    /// </summary>
    public string? Summary { get; init; }

    /// <summary>Gets the members of the command.</summary>
    public IReadOnlyList<MemberDescription> Members { get; init; } = [];

    /// <summary>Gets the full name of the class that handles the command; null if it is unknown.</summary>
    public string? Handler { get; init; }

    /// <summary>Gets the aggregates that the command loads, with the effect of the command on each of them.</summary>
    public IReadOnlyList<CommandTarget> Targets { get; init; } = [];

    /// <summary>Gets the stored names of the events that the handler appends directly.</summary>
    public IReadOnlyList<string> Appends { get; init; } = [];

    /// <summary>Gets the scopes of the unique values that the command claims.</summary>
    public IReadOnlyList<string> Claims { get; init; } = [];

    /// <summary>Gets the names of the rules that the handler checks in addition to the rules of aggregates.</summary>
    public IReadOnlyList<string> Rules { get; init; } = [];

    /// <summary>Gets whether the command has append conditions.</summary>
    public bool IsConditional { get; init; }

    /// <summary>
    /// Gets the append conditions, as written in the source code. These are the arguments of
    /// <see cref="CommandContext.OnlyIf"/>.
    /// </summary>
    public IReadOnlyList<string> Conditions { get; init; } = [];

    /// <summary>Gets the consumers and other code that send the command. External senders are unknown.</summary>
    public IReadOnlyList<string> SentBy { get; init; } = [];

    /// <summary>Gets the stored names of all events that the command may cause.</summary>
    public IEnumerable<string> Events =>
        Targets.SelectMany(target => target.Events).Concat(Appends).Distinct(StringComparer.Ordinal);
}

/// <summary>The effect of a command on an aggregate.</summary>
/// <param name="Aggregate">The aggregate's name.</param>
/// <param name="Must">The requirement of the command for the aggregate.</param>
/// <param name="Methods">The methods that the command calls and that raise events.</param>
/// <param name="Events">The stored names of the events that the aggregate may raise; empty if the command only reads
/// the aggregate.</param>
public sealed record CommandTarget(
    string Aggregate, TargetRequirement Must, IReadOnlyList<string> Methods, IReadOnlyList<string> Events)
{
    /// <summary>Gets whether the command changes the aggregate.</summary>
    public bool IsChanged => Events.Count > 0;
}

/// <summary>The requirement of a command for an aggregate.</summary>
public enum TargetRequirement
{
    /// <summary>The aggregate must exist.</summary>
    Exist,

    /// <summary>The aggregate must not exist yet.</summary>
    BeNew,

    /// <summary>The aggregate may exist or not.</summary>
    Anything,
}
