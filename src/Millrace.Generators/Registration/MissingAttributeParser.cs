using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Registration;

/// <summary>
/// Finds types without their attribute. Without generated code, the program does not compile, and the compiler runs no
/// analyzers. Therefore, the generator reports these types.
/// </summary>
internal static class MissingAttributeParser
{
    public static bool MayBeClass(SyntaxNode node) =>
        node is ClassDeclarationSyntax { BaseList.Types: [var first, ..] }
        && NameOf(first.Type) is "Aggregate" or "Projection";

    /// <summary>Reports an aggregate or a projection that has neither its attribute nor hand-written methods.</summary>
    public static DiagnosticInfo? Class(GeneratorSyntaxContext context, CancellationToken cancellationToken)
    {
        if (context.SemanticModel.GetDeclaredSymbol(context.Node, cancellationToken)
            is not INamedTypeSymbol { IsAbstract: false } type)
            return null;
        var isAggregate = type.Base(MetadataNames.Aggregate) is not null;
        if (!isAggregate && type.Base(MetadataNames.ProjectionBase) is null)
            return null;
        var (attribute, dispatchMethod) = isAggregate
            ? (MetadataNames.Stream, "Evolve")
            : (MetadataNames.Projection, "Fold");
        if (type.Attribute(attribute) is not null || type.GetMembers(dispatchMethod).Any(member => member.IsOverride))
            return null;
        var name = Casing.Kebab(type.Name);
        return isAggregate
            ? DiagnosticInfo.At(Diagnostics.Unmarked, type, type.Name, "Stream", name.Replace("-", ""))
            : DiagnosticInfo.At(Diagnostics.Unmarked, type, type.Name, "Projection", name);
    }

    public static bool MayBeUse(SyntaxNode node) => node is InvocationExpressionSyntax
    {
        Expression: MemberAccessExpressionSyntax
        {
            Name: GenericNameSyntax { Identifier.ValueText: "AddModel", TypeArgumentList.Arguments.Count: 1 },
        },
    };

    /// <summary>Reports a type of this assembly that the code adds as a model but that is not a model.</summary>
    public static DiagnosticInfo? Use(GeneratorSyntaxContext context, CancellationToken cancellationToken)
    {
        var call = (InvocationExpressionSyntax)context.Node;
        var argument = ((GenericNameSyntax)((MemberAccessExpressionSyntax)call.Expression).Name)
            .TypeArgumentList
            .Arguments[0];
        if (context.SemanticModel.GetTypeInfo(argument, cancellationToken).Type
            is not INamedTypeSymbol { TypeKind: TypeKind.Class } type)
            return null;
        var isModel =
            type.Attribute(MetadataNames.Model) is not null || type.Interface(MetadataNames.IModel) is not null;
        var isInThisAssembly = SymbolEqualityComparer.Default.Equals(
            type.ContainingAssembly, context.SemanticModel.Compilation.Assembly);
        return isModel || !isInThisAssembly || !TakesModel(context.SemanticModel.GetSymbolInfo(call, cancellationToken))
            ? null
            : new(
                Diagnostics.ModelUnmarked, LocationInfo.Of(argument.GetLocation()), new[] { type.Name }.ToEquatable());
    }

    private static bool TakesModel(SymbolInfo called) =>
        called
            .CandidateSymbols.Append(called.Symbol)
            .OfType<IMethodSymbol>()
            .Any(method =>
                method.OriginalDefinition.TypeParameters is [{ ConstraintTypes: [var constraint, ..] }]
                && constraint.Is(MetadataNames.IModel));

    private static string? NameOf(TypeSyntax type) => type switch
    {
        GenericNameSyntax generic => generic.Identifier.ValueText,
        QualifiedNameSyntax qualified => NameOf(qualified.Right),
        AliasQualifiedNameSyntax alias => NameOf(alias.Name),
        _ => null,
    };
}
