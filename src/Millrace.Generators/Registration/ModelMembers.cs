using Microsoft.CodeAnalysis;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Registration;

/// <summary>The parts of a model that an assembly declares.</summary>
internal static class ModelMembers
{
    /// <summary>
    /// True when the assembly has a generated model. Without one, its model is hand-written, or it is part of another.
    /// </summary>
    public static bool HasModel(Compilation compilation, CancellationToken cancellationToken) =>
        Types(compilation.Assembly.GlobalNamespace, cancellationToken)
            .Any(type => type.Attribute(MetadataNames.Model) is not null);

    /// <summary>All types in the assembly, including nested ones.</summary>
    public static IEnumerable<INamedTypeSymbol> Types(
        INamespaceOrTypeSymbol around, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var member in around.GetMembers())
        {
            if (member is INamedTypeSymbol type)
                yield return type;
            if (member is INamespaceOrTypeSymbol inner)
            {
                foreach (var found in Types(inner, cancellationToken))
                    yield return found;
            }
        }
    }
}
