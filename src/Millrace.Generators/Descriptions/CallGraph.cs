using Microsoft.CodeAnalysis;

namespace Millrace.Generators.Descriptions;

/// <summary>Reads the facts about methods, each method once, and finds the methods that a method reaches.</summary>
internal sealed class CallGraph(MethodReader reader, CancellationToken cancellationToken)
{
    private const int MaxCallDepth = 4; // Conditions from deeper calls would be unreadable.

    private static readonly string?[] Always = [""];

    private readonly Dictionary<IMethodSymbol, MethodFacts> _facts = new(SymbolEqualityComparer.Default);

    public MethodFacts Of(IMethodSymbol method)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var definition = method.OriginalDefinition;
        if (!_facts.TryGetValue(definition, out var facts))
            _facts[definition] = facts = reader.Read(definition, cancellationToken);
        return facts;
    }

    /// <summary>Returns the method and all methods that it calls directly or indirectly, in call order.</summary>
    public IReadOnlyList<IMethodSymbol> From(IMethodSymbol method) => From([method]);

    /// <summary>
    /// Returns, for each method that creates an exception, the conditions under which its callers do not throw it.
    /// </summary>
    public ILookup<IMethodSymbol, string> ThrownBy(IEnumerable<IMethodSymbol> methods) =>
        methods
            .SelectMany(method => Of(method).Throws)
            .ToLookup(
                thrown => thrown.Maker,
                thrown => thrown.Condition,
                (IEqualityComparer<IMethodSymbol>)SymbolEqualityComparer.Default);

    /// <summary>
    /// Returns, for each call path to a private method, the condition under which the method is not called. A condition
    /// is an empty text if the method is always called, and null if it is unknown.
    /// </summary>
    public IReadOnlyList<string?> PathsTo(IMethodSymbol method, IReadOnlyList<IMethodSymbol> others) =>
        PathsTo(method, others, MaxCallDepth);

    private string?[] PathsTo(IMethodSymbol method, IReadOnlyList<IMethodSymbol> others, int remainingDepth)
    {
        if (method.DeclaredAccessibility != Accessibility.Private || remainingDepth == 0)
            return Always;
        var paths = new List<string?>();
        foreach (var caller in others)
        {
            var calls = Of(caller)
                .ConditionalCalls.Where(
                    call => SymbolEqualityComparer.Default.Equals(call.Called, method.OriginalDefinition))
                .ToList();
            if (calls.Count == 0)
                continue;
            foreach (var before in PathsTo(caller, others, remainingDepth - 1))
                paths.AddRange(
                    calls.Select(call => before is null || call.Unless is null ? null : Joined(before, call.Unless)));
        }
        return paths.Count == 0 ? Always : [.. paths.Distinct()];
    }

    private static string Joined(string before, string unless) =>
        before.Length == 0 ? unless : unless.Length == 0 ? before : $"{before} || {unless}";

    /// <summary>Returns the methods and all methods that they call.</summary>
    public IReadOnlyList<IMethodSymbol> From(IEnumerable<IMethodSymbol> methods)
    {
        var found = new List<IMethodSymbol>();
        var visited = new HashSet<IMethodSymbol>(SymbolEqualityComparer.Default);
        foreach (var method in methods)
        {
            if (visited.Add(method.OriginalDefinition))
                found.Add(method.OriginalDefinition);
        }
        for (var next = 0; next < found.Count; next++)
        {
            foreach (var called in Of(found[next]).Calls)
            {
                if (visited.Add(called.OriginalDefinition))
                    found.Add(called.OriginalDefinition);
            }
        }
        return found;
    }
}
