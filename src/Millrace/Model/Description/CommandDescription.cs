using Millrace.Serialization;

namespace Millrace;

/// <summary>A command.</summary>
/// <param name="Name">Its stable name.</param>
/// <param name="Context">The context it belongs to.</param>
/// <param name="Type">Its CLR type.</param>
/// <param name="ResultType">The CLR type of its answer.</param>
public sealed record CommandDescription(string Name, string Context, Type Type, Type ResultType)
{
    /// <summary>What it asks for, as its documentation or that of its handler says; null when neither says
    /// anything.</summary>
    public string? Summary { get; init; }

    /// <summary>What it is given.</summary>
    public IReadOnlyList<MemberDescription> Members { get; init; } = [];

    /// <summary>The full name of the class that handles it; null when that is not known.</summary>
    public string? Handler { get; init; }

    /// <summary>The aggregates that it loads, and what it does to them.</summary>
    public IReadOnlyList<CommandTarget> Targets { get; init; } = [];

    /// <summary>The stored names of the events that its handler appends by itself.</summary>
    public IReadOnlyList<string> Appends { get; init; } = [];

    /// <summary>The scopes of what it claims to be unique.</summary>
    public IReadOnlyList<string> Claims { get; init; } = [];

    /// <summary>The names of the rules that its handler asks for beside those of aggregates.</summary>
    public IReadOnlyList<string> Rules { get; init; } = [];

    /// <summary>Whether it depends on that no event of some kind was appended since it was decided.</summary>
    public bool IsConditional { get; init; }

    /// <summary>What it depends on, as it is written in the source: the arguments of
    /// <see cref="CommandContext.OnlyIf"/>.</summary>
    public IReadOnlyList<string> Conditions { get; init; } = [];

    /// <summary>The consumers and other code that send it; who sends it from outside is not known here.</summary>
    public IReadOnlyList<string> SentBy { get; init; } = [];

    /// <summary>All stored names of events that it may lead to.</summary>
    public IEnumerable<string> Events =>
        Targets.SelectMany(target => target.Events).Concat(Appends).Distinct(StringComparer.Ordinal);
}

/// <summary>What a command does to an aggregate.</summary>
/// <param name="Aggregate">The aggregate's name.</param>
/// <param name="Must">What must be true of it.</param>
/// <param name="Methods">What the command asks of it that raises events.</param>
/// <param name="Events">The stored names of the events that it may raise; none when it is only looked at.</param>
public sealed record CommandTarget(
    string Aggregate, TargetRequirement Must, IReadOnlyList<string> Methods, IReadOnlyList<string> Events)
{
    /// <summary>Whether the command changes it.</summary>
    public bool IsChanged => Events.Count > 0;
}

/// <summary>What must be true of an aggregate when a command comes.</summary>
public enum TargetRequirement
{
    /// <summary>It must exist.</summary>
    Exist,

    /// <summary>It must not exist yet.</summary>
    BeNew,

    /// <summary>It may exist or not.</summary>
    Anything,
}
