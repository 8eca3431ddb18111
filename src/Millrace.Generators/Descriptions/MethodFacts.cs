using Microsoft.CodeAnalysis;

namespace Millrace.Generators;

/// <summary>What the body of a method does that the description of a model is about; of itself, not of what it
/// calls.</summary>
internal sealed class MethodFacts
{
    public HashSet<IMethodSymbol> Calls { get; } = new(SymbolEqualityComparer.Default);

    /// <summary>The events it raises.</summary>
    public HashSet<ITypeSymbol> Raises { get; } = new(SymbolEqualityComparer.Default);

    /// <summary>The events it makes; where it appends, these are what it appends.</summary>
    public HashSet<ITypeSymbol> Makes { get; } = new(SymbolEqualityComparer.Default);

    /// <summary>The events that it looks for by their type.</summary>
    public HashSet<ITypeSymbol> Matches { get; } = new(SymbolEqualityComparer.Default);

    /// <summary>The commands it sends, or makes.</summary>
    public HashSet<ITypeSymbol> Commands { get; } = new(SymbolEqualityComparer.Default);

    public List<LoadFact> Loads { get; } = [];

    public List<RuleFact> Rules { get; } = [];

    /// <summary>What it throws that another method makes, each with what must hold so that it does not.</summary>
    public List<(IMethodSymbol Maker, string Condition)> Throws { get; } = [];

    /// <summary>Private methods that it calls, each with what leads past the call: nothing, or null where that is not
    /// told.</summary>
    public List<(IMethodSymbol Called, string? Unless)> Ways { get; } = [];

    public List<ConsumerFact> Consumers { get; } = [];

    /// <summary>The scopes of what it claims to be unique.</summary>
    public SortedSet<string> Claims { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether it appends to a store without an aggregate.</summary>
    public bool Appends { get; set; }

    /// <summary>Whether it sends commands.</summary>
    public bool Sends { get; set; }

    /// <summary>Whether it makes its command depend on that no event of a kind was appended.</summary>
    public bool IsConditional => Conditions.Count > 0;

    /// <summary>The kinds of events that must not have been appended for its command to be done, as they are
    /// written.</summary>
    public List<string> Conditions { get; } = [];
}

/// <summary>An aggregate that is loaded through a command's context.</summary>
internal sealed record LoadFact(ITypeSymbol Aggregate, string How);

/// <summary>A rule of the domain by its name, and what people are told, where it is a constant.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Message">What people are told.</param>
/// <param name="Condition">What must hold, as it is written; null where that stands elsewhere.</param>
internal sealed record RuleFact(string Name, string? Message, string? Condition);

/// <summary>A consumer: its name, the stored names it asks for, and what its handler does.</summary>
internal sealed record ConsumerFact(string Name, IReadOnlyList<string> Types, string? Streams, MethodFacts Handler);
