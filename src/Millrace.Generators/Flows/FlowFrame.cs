using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace Millrace.Generators.Flows;

/// <summary>
/// The state of a method during the analysis: the flows of its locals and of the values that it has returned so far.
/// </summary>
internal sealed class FlowFrame(Flow? @this)
{
    private readonly List<Flow> _returned = [];
    private ImmutableHashSet<FlowSource> _returnGuard = ImmutableHashSet<FlowSource>.Empty;

    /// <summary>Gets or sets the flow of the instance. It changes when code sets a member of the instance.</summary>
    public Flow? This { get; set; } = @this;

    public ImmutableDictionary<ISymbol, Flow> Locals { get; set; } =
        ImmutableDictionary.Create<ISymbol, Flow>(SymbolEqualityComparer.Default);

    /// <summary>Gets or sets the values that decide whether the current code runs.</summary>
    public ImmutableHashSet<FlowSource> Guard { get; set; } = ImmutableHashSet<FlowSource>.Empty;

    /// <summary>
    /// Gets or sets whether the current code runs only if no document exists. Returning null then changes nothing.
    /// </summary>
    public bool IsWithoutDocument { get; set; }

    /// <summary>Gets the receivers of the enclosing <c>?.</c> expressions. The current receiver is on top.</summary>
    public Stack<Flow> Receivers { get; } = new();

    /// <summary>Gets the union of all returned values.</summary>
    public Flow Result => _returned.Count == 0
        ? Flow.Nothing
        : _returned.Skip(1).Aggregate(_returned[0], (all, one) => Flow.Either(all, one, _returnGuard));

    /// <summary>Returns a frame for code with the same scope.</summary>
    public FlowFrame Inner() => new(This) { Locals = Locals };

    public void Set(ISymbol local, Flow value) => Locals = Locals.SetItem(local, value.When(Guard));

    public void Return(Flow value)
    {
        if (IsWithoutDocument && ReferenceEquals(value, Flow.Null))
            return;
        _returned.Add(value);
        _returnGuard = _returnGuard.Union(Guard);
    }

    /// <summary>Merges the flows of locals after code that may have run.</summary>
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
