using Microsoft.CodeAnalysis;

namespace Millrace.Generators;

/// <summary>What of the model an assembly declares.</summary>
internal static class ModelMembers
{
    /// <summary>Whether the assembly has a model that is generated; one that has none is written by hand, or a part of
    /// another.</summary>
    public static bool HasModel(Compilation compilation, CancellationToken cancellationToken) =>
        Types(compilation.Assembly.GlobalNamespace, cancellationToken)
            .Any(type => type.Attribute(MetadataNames.Model) is not null);

    /// <summary>All types in it, those within others too.</summary>
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
