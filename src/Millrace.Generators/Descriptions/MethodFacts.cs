using Microsoft.CodeAnalysis;

namespace Millrace.Generators.Descriptions;

/// <summary>
/// The facts about the body of a method that the description of a model needs. Facts about the methods that it calls
/// are not included.
/// </summary>
internal sealed class MethodFacts
{
    public HashSet<IMethodSymbol> Calls { get; } = new(SymbolEqualityComparer.Default);

    /// <summary>Gets the types of the events that the method raises.</summary>
    public HashSet<ITypeSymbol> Raises { get; } = new(SymbolEqualityComparer.Default);

    /// <summary>
    /// Gets the types of the events that the method creates. If it appends events, these are the appended events.
    /// </summary>
    public HashSet<ITypeSymbol> CreatedEvents { get; } = new(SymbolEqualityComparer.Default);

    /// <summary>Gets the event types that the method tests for, in a pattern or a cast.</summary>
    public HashSet<ITypeSymbol> Matches { get; } = new(SymbolEqualityComparer.Default);

    /// <summary>Gets the types of the commands that the method sends or creates.</summary>
    public HashSet<ITypeSymbol> Commands { get; } = new(SymbolEqualityComparer.Default);

    public List<LoadFact> Loads { get; } = [];

    public List<RuleFact> Rules { get; } = [];

    /// <summary>
    /// Gets the methods that create the exceptions which this method throws, each with the condition under which it
    /// does not throw the exception.
    /// </summary>
    public List<(IMethodSymbol Maker, string Condition)> Throws { get; } = [];

    /// <summary>
    /// Gets the private methods that the method calls, each with the condition under which it does not call them. The
    /// condition is empty if the calls are unconditional, and null if the condition is unknown.
    /// </summary>
    public List<(IMethodSymbol Called, string? Unless)> ConditionalCalls { get; } = [];

    public List<ConsumerFact> Consumers { get; } = [];

    /// <summary>Gets the scopes of the unique claims that the method makes.</summary>
    public SortedSet<string> Claims { get; } = new(StringComparer.Ordinal);

    /// <summary>Gets or sets whether the method appends events to a store directly, without an aggregate.</summary>
    public bool Appends { get; set; }

    /// <summary>Gets or sets whether the method sends commands.</summary>
    public bool Sends { get; set; }

    /// <summary>Gets whether the command succeeds only if no event that matches a condition was appended.</summary>
    public bool IsConditional => Conditions.Count > 0;

    /// <summary>
    /// Gets the source text of the conditions. The command succeeds only if no event that matches them was appended.
    /// </summary>
    public List<string> Conditions { get; } = [];
}

/// <summary>An aggregate that is loaded through a command's context.</summary>
internal sealed record LoadFact(ITypeSymbol Aggregate, string LoadKind);

/// <summary>A check of a domain rule.</summary>
/// <param name="Name">The name of the rule.</param>
/// <param name="Message">The message for users; null if it is not a constant.</param>
/// <param name="Condition">The condition as source text; null if another method contains it.</param>
internal sealed record RuleFact(string Name, string? Message, string? Condition);

/// <summary>A consumer: its name, the stored names of its events, and the facts of its handler.</summary>
internal sealed record ConsumerFact(string Name, IReadOnlyList<string> Types, string? Streams, MethodFacts Handler);
