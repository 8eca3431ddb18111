using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Folds;

/// <summary>
/// Finds folds that generated code of derived classes cannot call. Only inspects classes without
/// <c>[Stream]</c> or <c>[Projection]</c>. Each fold is reported at its declaration, because the generator cannot see
/// private methods of another assembly.
/// </summary>
internal static class InheritedFoldParser
{
    public static bool MayBe(SyntaxNode node) =>
        node is ClassDeclarationSyntax { BaseList: not null } type
        && type.Members.Any(member =>
            member is MethodDeclarationSyntax { Identifier.ValueText: "When" or "Key" or "Apply" }
        );

    public static InheritedFolds? Parse(GeneratorSyntaxContext context, CancellationToken cancellationToken)
    {
        if (context.SemanticModel.GetDeclaredSymbol(context.Node, cancellationToken) is not INamedTypeSymbol type)
            return null;
        var isAggregate = type.Base(MetadataNames.Aggregate) is not null;
        if (!isAggregate && type.Base(MetadataNames.ProjectionBase) is null)
            return null;
        var (attribute, dispatchMethod) = isAggregate
            ? (MetadataNames.Stream, "Evolve")
            : (MetadataNames.Projection, "Fold");
        if (type.Attribute(attribute) is not null
            || type.GetMembers(dispatchMethod).Any(member => member.IsOverride && !member.IsAbstract))
            return null;
        string[] names = isAggregate ? ["When"] : ["Key", "Apply"];
        var folds = names.SelectMany(name => type.GetMembers(name).OfType<IMethodSymbol>())
            .Where(method => method.Parameters.Any(parameter => IsEvent(parameter.Type)) && IsIn(method, context.Node));
        return new(folds.Select(method => Problem(type, method)).OfType<DiagnosticInfo>().ToEquatable());
    }

    private static DiagnosticInfo? Problem(INamedTypeSymbol type, IMethodSymbol method)
    {
        var problem = !CanBeCalled(type, method)
                ? "classes that derive from this one cannot call it: make it protected"
            : !type.IsAbstract && !type.IsGenericType
                ? "this class is not in the model: mark it with [Stream] or [Projection], or make it abstract"
            : null;
        return problem is null
            ? null
            : DiagnosticInfo.At(InheritedFoldDiagnostics.Overlooked, method, method.Name, type.Name, problem);
    }

    /// <summary>Returns true if each possible derived class can call the method.</summary>
    private static bool CanBeCalled(INamedTypeSymbol type, IMethodSymbol method) => method.DeclaredAccessibility switch
    {
        Accessibility.Private => false,
        Accessibility.Internal or Accessibility.ProtectedAndInternal => !IsVisibleOutside(type),
        _ => true,
    };

    private static bool IsVisibleOutside(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? level = type; level is not null; level = level.ContainingType)
        {
            if (level.DeclaredAccessibility
                is not (Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal))
                return false;
        }
        return true;
    }

    // A type parameter of the class may be an event type in a derived class.
    private static bool IsEvent(ITypeSymbol type) =>
        type.TypeKind == TypeKind.TypeParameter || type.Attribute(MetadataNames.Event) is not null;

    private static bool IsIn(IMethodSymbol method, SyntaxNode node) =>
        method.DeclaringSyntaxReferences.Any(reference =>
            reference.SyntaxTree == node.SyntaxTree && node.Span.Contains(reference.Span));
}

/// <summary>The diagnostics of the folds of a class that are never called.</summary>
internal sealed record InheritedFolds(EquatableArray<DiagnosticInfo> Problems);
