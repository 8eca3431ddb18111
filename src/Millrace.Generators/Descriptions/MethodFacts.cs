using Microsoft.CodeAnalysis;

namespace Millrace.Generators;

/// <summary>
/// The facts about a method body that a model's description needs, without the methods that it calls.
/// </summary>
internal sealed class MethodFacts
{
    public HashSet<IMethodSymbol> Calls { get; } = new(SymbolEqualityComparer.Default);

    /// <summary>The events that it raises.</summary>
    public HashSet<ITypeSymbol> Raises { get; } = new(SymbolEqualityComparer.Default);

    /// <summary>The events that it creates. When it appends, these are the appended events.</summary>
    public HashSet<ITypeSymbol> Makes { get; } = new(SymbolEqualityComparer.Default);

    /// <summary>The event types that it queries.</summary>
    public HashSet<ITypeSymbol> Matches { get; } = new(SymbolEqualityComparer.Default);

    /// <summary>The commands that it sends or creates.</summary>
    public HashSet<ITypeSymbol> Commands { get; } = new(SymbolEqualityComparer.Default);

    public List<LoadFact> Loads { get; } = [];

    public List<RuleFact> Rules { get; } = [];

    /// <summary>
    /// The exceptions from other methods that it throws, each with the condition under which it does not.
    /// </summary>
    public List<(IMethodSymbol Maker, string Condition)> Throws { get; } = [];

    /// <summary>
    /// The private methods that it calls, each with the condition that skips the call: nothing, or null when it is
    /// unknown.
    /// </summary>
    public List<(IMethodSymbol Called, string? Unless)> Ways { get; } = [];

    public List<ConsumerFact> Consumers { get; } = [];

    /// <summary>The scopes of its unique claims.</summary>
    public SortedSet<string> Claims { get; } = new(StringComparer.Ordinal);

    /// <summary>Gets or sets whether it appends to a store without an aggregate.</summary>
    public bool Appends { get; set; }

    /// <summary>Gets or sets whether it sends commands.</summary>
    public bool Sends { get; set; }

    /// <summary>Gets whether its command requires that no matching event was appended.</summary>
    public bool IsConditional => Conditions.Count > 0;

    /// <summary>The source text of the events that must not have been appended for its command to succeed.</summary>
    public List<string> Conditions { get; } = [];
}

/// <summary>An aggregate that is loaded through a command's context.</summary>
internal sealed record LoadFact(ITypeSymbol Aggregate, string How);

/// <summary>A domain rule by name, with its message when it is a constant.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Message">The message for users.</param>
/// <param name="Condition">The condition as source text; null when it is elsewhere.</param>
internal sealed record RuleFact(string Name, string? Message, string? Condition);

/// <summary>A consumer: its name, the stored names of its events, and the facts of its handler.</summary>
internal sealed record ConsumerFact(string Name, IReadOnlyList<string> Types, string? Streams, MethodFacts Handler);
