using Microsoft.CodeAnalysis;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Registration;

/// <summary>Finds the parts of a model that an assembly declares.</summary>
internal static class ModelMembers
{
    /// <summary>
    /// Returns true if the assembly has a generated model. Otherwise, the model is hand-written, or the assembly
    /// belongs to the model of another assembly.
    /// </summary>
    public static bool HasModel(Compilation compilation, CancellationToken cancellationToken) =>
        Types(compilation.Assembly.GlobalNamespace, cancellationToken)
            .Any(type => type.Attribute(MetadataNames.Model) is not null);

    /// <summary>Returns all types in a namespace or type, including nested types.</summary>
    public static IEnumerable<INamedTypeSymbol> Types(
        INamespaceOrTypeSymbol container, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var member in container.GetMembers())
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
