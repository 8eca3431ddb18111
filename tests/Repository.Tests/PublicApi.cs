using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Repository.Tests;

/// <summary>Writes the public API of a compiled package, with one member on each line.</summary>
internal static class PublicApi
{
    private static readonly SymbolDisplayFormat TypeFormat = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypes,
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters
            | SymbolDisplayGenericsOptions.IncludeTypeConstraints
            | SymbolDisplayGenericsOptions.IncludeVariance,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes
            | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    private static readonly SymbolDisplayFormat NameFormat = TypeFormat.WithGenericsOptions(
        SymbolDisplayGenericsOptions.IncludeTypeParameters | SymbolDisplayGenericsOptions.IncludeVariance);

    private static readonly SymbolDisplayFormat MemberFormat = TypeFormat
        .WithMemberOptions(SymbolDisplayMemberOptions.IncludeModifiers
            | SymbolDisplayMemberOptions.IncludeType
            | SymbolDisplayMemberOptions.IncludeParameters
            | SymbolDisplayMemberOptions.IncludeConstantValue
            | SymbolDisplayMemberOptions.IncludeAccessibility
            | SymbolDisplayMemberOptions.IncludeRef)
        .WithParameterOptions(SymbolDisplayParameterOptions.IncludeType
            | SymbolDisplayParameterOptions.IncludeName
            | SymbolDisplayParameterOptions.IncludeDefaultValue
            | SymbolDisplayParameterOptions.IncludeParamsRefOut
            | SymbolDisplayParameterOptions.IncludeExtensionThis);

    public static string Of(string package)
    {
        var compilation = CSharpCompilation.Create("Surface", references: PlatformReferences.All);
        var assembly = compilation.References.Select(compilation.GetAssemblyOrModuleSymbol).OfType<IAssemblySymbol>()
            .Single(assembly => assembly.Name == package);

        var text = new StringBuilder();
        var spaces = Types(assembly.GlobalNamespace).GroupBy(type => type.ContainingNamespace.ToDisplayString());
        foreach (var space in spaces.OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            text.Append("namespace ").Append(space.Key).Append('\n');
            foreach (var type in space.OrderBy(type => type.ToDisplayString(TypeFormat), StringComparer.Ordinal))
            {
                Write(text, type);
            }
        }

        return text.ToString();
    }

    private static void Write(StringBuilder text, INamedTypeSymbol type)
    {
        text.Append("  ").Append(Head(type)).Append('\n');
        var members = type.TypeKind == TypeKind.Delegate ? [] : type.GetMembers();
        foreach (var line in members.Where(IsShown).Select(Line).Order(StringComparer.Ordinal))
        {
            text.Append("    ").Append(line).Append('\n');
        }
    }

    private static string Head(INamedTypeSymbol type)
    {
        if (type.TypeKind == TypeKind.Delegate)
        {
            var invoke = type.DelegateInvokeMethod!;
            var parameters = string.Join(
                ", ", invoke.Parameters.Select(parameter => parameter.ToDisplayString(MemberFormat)));
            return $"delegate {invoke.ReturnType.ToDisplayString(MemberFormat)} "
                + $"{type.ToDisplayString(TypeFormat)}({parameters})";
        }

        var modifier = type switch
        {
            { IsStatic: true } => "static ",
            { TypeKind: TypeKind.Class, IsAbstract: true } => "abstract ",
            { TypeKind: TypeKind.Class, IsSealed: true } => "sealed ",
            { TypeKind: TypeKind.Struct, IsReadOnly: true } => "readonly ",
            _ => "",
        };
        var kind = (type.IsRecord ? "record " : "") + type.TypeKind.ToString().ToLowerInvariant();
        var bases = type.BaseType is { SpecialType: SpecialType.None } parent && type.TypeKind == TypeKind.Class
            ? [parent]
            : Array.Empty<INamedTypeSymbol>();
        var all = bases.Concat(type.Interfaces).Select(baseType => baseType.ToDisplayString(NameFormat)).ToList();
        var name = type.ToDisplayString(NameFormat);
        var constraints = type.ToDisplayString(TypeFormat)[name.Length..];
        return $"{modifier}{kind} {name}{(all.Count > 0 ? " : " + string.Join(", ", all) : "")}{constraints}";
    }

    private static string Line(ISymbol member)
    {
        if (member is not IPropertySymbol property)
        {
            return member.ToDisplayString(MemberFormat).Replace("public ", "", StringComparison.Ordinal);
        }

        var accessors =
            (IsVisible(property.GetMethod) ? "get; " : "")
            + (
                IsVisible(property.SetMethod)
                    ? property.SetMethod!.IsInitOnly
                        ? "init; "
                        : "set; "
                    : "");
        return member.ToDisplayString(MemberFormat).Replace("public ", "", StringComparison.Ordinal)
            + " { "
            + accessors
            + "}";
    }

    private static bool IsShown(ISymbol member) =>
        IsVisible(member)
        && member switch
        {
            INamedTypeSymbol => false,
            IMethodSymbol { MethodKind: MethodKind.PropertyGet or MethodKind.PropertySet } => false,
            IMethodSymbol { MethodKind: MethodKind.EventAdd or MethodKind.EventRemove } => false,
            IMethodSymbol
            {
                MethodKind: MethodKind.Constructor,
                Parameters.Length: 0,
                ContainingType.TypeKind: TypeKind.Struct
            } => false,
            IMethodSymbol { ContainingType.TypeKind: TypeKind.Enum } => false,
            IPropertySymbol { Name: "EqualityContract" } => false,
            IPropertySymbol => true,
            _ => !member
                .GetAttributes()
                .Any(attribute => attribute.AttributeClass?.Name == "CompilerGeneratedAttribute"),
        };

    private static bool IsVisible(ISymbol? symbol)
        => symbol?.DeclaredAccessibility
            is Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal;

    private static IEnumerable<INamedTypeSymbol> Types(INamespaceOrTypeSymbol container)
        => container.GetMembers().OfType<INamespaceOrTypeSymbol>().SelectMany(member => member switch
        {
            INamedTypeSymbol type when IsVisible(type) => Types(type).Prepend(type),
            INamespaceSymbol space => Types(space),
            _ => [],
        });
}
