using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Millrace.Generators.Purity;

/// <summary>
/// Finds the direct and indirect external effects of methods in this project, including implementations of the
/// project's interfaces. It reads method bodies, which are not available for other projects and libraries.
/// </summary>
internal sealed class IndirectEffectFinder(Compilation compilation, ExternalTypes externalTypes, RerunAnalysis reruns)
{
    // The nearest effect is found first. The number of searched methods is limited, so that the compiler stays fast.
    private const int MaxMethods = 100;

    private readonly ConcurrentDictionary<IMethodSymbol, Effects> _effects = new(SymbolEqualityComparer.Default);
    private readonly Lazy<IReadOnlyList<INamedTypeSymbol>> _classes = new(() =>
        [.. ClassesOf(compilation.Assembly.GlobalNamespace)]);

    /// <summary>
    /// Returns the effect of a call. Returns null if there is none, or if it is reported in the called method.
    /// </summary>
    /// <param name="method">The called method, of a class or of an interface.</param>
    /// <param name="includeHarmless">True to include effects that can be repeated.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public IndirectEffect? Of(IMethodSymbol method, bool includeHarmless, CancellationToken cancellationToken)
    {
        if (!IsFollowed(method))
            return null;
        var effects = _effects.GetOrAdd(method.OriginalDefinition, root => Find(root, cancellationToken));
        return includeHarmless ? effects.First : effects.Harmful;
    }

    private bool IsFollowed(IMethodSymbol method) =>
        method.MethodKind is MethodKind.Ordinary or MethodKind.ExplicitInterfaceImplementation
        && SymbolEqualityComparer.Default.Equals(method.ContainingAssembly, compilation.Assembly)
        && reruns.Of(method) == RerunTrigger.No;

    private Effects Find(IMethodSymbol root, CancellationToken cancellationToken)
    {
        var (seen, queue) = (
            new HashSet<IMethodSymbol>(SymbolEqualityComparer.Default) { root }, new Queue<IMethodSymbol>([root]));
        IndirectEffect? first = null;
        while (queue.Count > 0 && seen.Count <= MaxMethods)
        {
            var method = queue.Dequeue();
            foreach (var operation in BodiesOf(method, cancellationToken).SelectMany(body => body.Descendants()))
            {
                if (EffectOf(operation) is { } description)
                {
                    var effect = new IndirectEffect(description, $"{method.ContainingType.Name}.{method.Name}");
                    first ??= effect;
                    if (!ExternalTypes.IsHarmless(description))
                        return new Effects(first, effect);
                }
                else if (operation is IInvocationOperation { TargetMethod: var target } && IsFollowed(target)
                    && seen.Add(target.OriginalDefinition))
                {
                    queue.Enqueue(target.OriginalDefinition);
                }
            }
            foreach (var other in Implementing(method).Where(seen.Add))
                queue.Enqueue(other);
        }
        return new Effects(first, Harmful: null);
    }

    private string? EffectOf(IOperation operation) => operation switch
    {
        IInvocationOperation call => externalTypes.EffectOf(call.TargetMethod.ReducedFrom ?? call.TargetMethod),
        IObjectCreationOperation creation => externalTypes.EffectOfCreating(creation.Constructor),
        _ => null,
    };

    private IEnumerable<IOperation> BodiesOf(IMethodSymbol method, CancellationToken cancellationToken)
    {
        foreach (var declared in method.DeclaringSyntaxReferences)
        {
            var node = declared.GetSyntax(cancellationToken);
            if (compilation.GetSemanticModel(node.SyntaxTree).GetOperation(node, cancellationToken) is { } body)
                yield return body;
        }
    }

    /// <summary>Returns the implementations and overrides that a call may reach.</summary>
    private IEnumerable<IMethodSymbol> Implementing(IMethodSymbol method)
    {
        if (method.ContainingType.TypeKind == TypeKind.Interface)
            return _classes.Value.SelectMany(type => OfInterface(type, method));
        if (method is not ({ IsAbstract: true } or { IsVirtual: true } or { IsOverride: true }))
            return [];
        return _classes.Value.SelectMany(type => type.GetMembers(method.Name)).OfType<IMethodSymbol>()
            .Where(other => Overrides(other, method));
    }

    private static IEnumerable<IMethodSymbol> OfInterface(INamedTypeSymbol type, IMethodSymbol method)
    {
        foreach (var interfaceType in type.AllInterfaces)
        {
            if (!SymbolEqualityComparer.Default.Equals(
                    interfaceType.OriginalDefinition, method.ContainingType.OriginalDefinition))
                continue;
            foreach (var member in interfaceType.GetMembers(method.Name))
            {
                if (SymbolEqualityComparer.Default.Equals(member.OriginalDefinition, method)
                    && type.FindImplementationForInterfaceMember(member) is IMethodSymbol implementation)
                    yield return implementation.OriginalDefinition;
            }
        }
    }

    private static bool Overrides(IMethodSymbol other, IMethodSymbol method)
    {
        for (var current = other.OverriddenMethod; current is not null; current = current.OverriddenMethod)
        {
            if (SymbolEqualityComparer.Default.Equals(current.OriginalDefinition, method))
                return true;
        }
        return false;
    }

    private static IEnumerable<INamedTypeSymbol> ClassesOf(INamespaceOrTypeSymbol container)
    {
        foreach (var member in container.GetMembers().OfType<INamespaceOrTypeSymbol>())
        {
            if (member is INamedTypeSymbol { TypeKind: TypeKind.Class or TypeKind.Struct } type)
                yield return type;
            foreach (var inner in ClassesOf(member))
                yield return inner;
        }
    }

    /// <summary>The result for a method: its nearest effect, and its nearest harmful effect.</summary>
    private sealed record Effects(IndirectEffect? First, IndirectEffect? Harmful);
}
