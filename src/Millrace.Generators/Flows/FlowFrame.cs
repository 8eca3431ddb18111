using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace Millrace.Generators;

/// <summary>A method while its code is followed: what its locals are made of, and what it has returned so
/// far.</summary>
internal sealed class FlowFrame(Flow? @this)
{
    private readonly List<Flow> _returned = [];
    private ImmutableHashSet<FlowSource> _returnGuard = ImmutableHashSet<FlowSource>.Empty;

    /// <summary>Of an instance; changes where its members are set.</summary>
    public Flow? This { get; set; } = @this;

    public ImmutableDictionary<ISymbol, Flow> Locals { get; set; } =
        ImmutableDictionary.Create<ISymbol, Flow>(SymbolEqualityComparer.Default);

    /// <summary>What decides whether the code that is followed now runs.</summary>
    public ImmutableHashSet<FlowSource> Guard { get; set; } = ImmutableHashSet<FlowSource>.Empty;

    /// <summary>Whether the code that is followed now runs because there is no document yet, so that null changes
    /// nothing.</summary>
    public bool IsWithoutDocument { get; set; }

    /// <summary>What is before the question marks around the code that is followed now.</summary>
    public Stack<Flow> Asked { get; } = new();

    /// <summary>All that was returned, one or the other.</summary>
    public Flow Result => _returned.Count == 0
        ? Flow.Nothing
        : _returned.Skip(1).Aggregate(_returned[0], (all, one) => Flow.Either(all, one, _returnGuard));

    /// <summary>A frame for code that sees what this one sees.</summary>
    public FlowFrame Inner() => new(This) { Locals = Locals };

    public void Set(ISymbol local, Flow value) => Locals = Locals.SetItem(local, value.When(Guard));

    public void Return(Flow value)
    {
        if (IsWithoutDocument && ReferenceEquals(value, Flow.Null))
            return;
        _returned.Add(value);
        _returnGuard = _returnGuard.Union(Guard);
    }

    /// <summary>The locals as they are behind code that was run or not.</summary>
    public void Merge(ImmutableDictionary<ISymbol, Flow> other)
    {
        foreach (var local in other)
        {
            Locals = Locals.SetItem(local.Key, Locals.TryGetValue(local.Key, out var mine)
                ? Flow.Either(mine, local.Value, ImmutableHashSet<FlowSource>.Empty)
                : local.Value);
        }
    }
}
