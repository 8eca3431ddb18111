using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Millrace.Generators.Analyzers;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Messages;

/// <summary>Finds mutable events, and mutable types that events contain.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class ImmutabilityAnalyzer : ModelAnalyzer
{
    private const string Generic = "System.Collections.Generic.";

    private static readonly Dictionary<string, string> ReadOnly = new(StringComparer.Ordinal)
    {
        [Generic + "List`1"] = "IReadOnlyList",
        [Generic + "IList`1"] = "IReadOnlyList",
        [Generic + "ICollection`1"] = "IReadOnlyCollection",
        [Generic + "LinkedList`1"] = "IReadOnlyList",
        [Generic + "Queue`1"] = "IReadOnlyList",
        [Generic + "Stack`1"] = "IReadOnlyList",
        [Generic + "HashSet`1"] = "IReadOnlySet",
        [Generic + "SortedSet`1"] = "IReadOnlySet",
        [Generic + "ISet`1"] = "IReadOnlySet",
        [Generic + "Dictionary`2"] = "IReadOnlyDictionary",
        [Generic + "IDictionary`2"] = "IReadOnlyDictionary",
        [Generic + "SortedDictionary`2"] = "IReadOnlyDictionary",
        [Generic + "SortedList`2"] = "IReadOnlyDictionary",
        ["System.Collections.ObjectModel.Collection`1"] = "IReadOnlyList",
        ["System.Collections.ObjectModel.ObservableCollection`1"] = "IReadOnlyList",
    };

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        [MessageDiagnostics.Mutable, MessageDiagnostics.MutableCollection, MessageDiagnostics.NoRecord];

    protected override void Begin(CompilationStartAnalysisContext start, ModelTypes types)
    {
        var analyzed = new ConcurrentDictionary<INamedTypeSymbol, bool>(SymbolEqualityComparer.Default);
        start.RegisterSymbolAction(
            context =>
            {
                if (!types.IsEvent((INamedTypeSymbol)context.Symbol))
                    return;
                foreach (
                    var part in MessageParts.Of((INamedTypeSymbol)context.Symbol)
                        .Where(part => analyzed.TryAdd(part, true))
                )
                    AnalyzeType(context, part, isEvent: types.IsEvent(part));
            },
            SymbolKind.NamedType);
    }

    private static void AnalyzeType(SymbolAnalysisContext context, INamedTypeSymbol type, bool isEvent)
    {
        var settable = 0;
        foreach (var member in MessageParts.MembersOf(type))
        {
            if (FixHintOf(member, type) is { } fix)
            {
                settable++;
                context.ReportDiagnostic(
                    Diagnostic.Create(MessageDiagnostics.Mutable, member.Locations[0], member.Name, type.Name, fix));
            }
            AnalyzeCollection(context, member, type);
        }
        if (type is { TypeKind: TypeKind.Struct, IsReadOnly: false } && settable == 0)
        {
            context.ReportDiagnostic(Diagnostic.Create(
                MessageDiagnostics.Mutable, type.Locations[0], "Each member", type.Name, "make it a readonly struct"));
        }
        if (isEvent
            && type is { TypeKind: TypeKind.Class, IsRecord: false, BaseType.SpecialType: SpecialType.System_Object }
        )
            context.ReportDiagnostic(Diagnostic.Create(MessageDiagnostics.NoRecord, type.Locations[0], type.Name));
    }

    private static string? FixHintOf(ISymbol member, INamedTypeSymbol type) =>
        member switch
        {
            IPropertySymbol { SetMethod: { IsInitOnly: false, IsImplicitlyDeclared: false } } property
                when !IsPositional(property, type) => "write 'init' instead of 'set'",
            IFieldSymbol { IsConst: false, DeclaredAccessibility: not Accessibility.Private, AssociatedSymbol: null } =>
                "make it a property with 'init'; fields are not stored",
            IFieldSymbol { IsConst: false, IsReadOnly: false, AssociatedSymbol: null } => "make it readonly",
            _ => null,
        };

    // In a struct, positional members have a setter unless the struct is readonly.
    private static bool IsPositional(IPropertySymbol property, INamedTypeSymbol type) => type.IsRecord
        && type.InstanceConstructors.Any(constructor => constructor.Parameters.Any(parameter =>
            parameter.Locations.Any(location => property.Locations.Contains(location))));

    private static void AnalyzeCollection(SymbolAnalysisContext context, ISymbol member, INamedTypeSymbol type)
    {
        var collection = member is IPropertySymbol property ? property.Type : null;
        if (collection is null || ReadOnlyTypeFor(collection) is not { } readOnlyType
            || MessageParts.TypeOf(member, context.CancellationToken) is not { } syntax)
        {
            return;
        }
        var arguments = collection is IArrayTypeSymbol array
            ? [array.ElementType]
            : ((INamedTypeSymbol)collection).TypeArguments;
        var typeArguments = string.Join(
            ", ", arguments.Select(argument => argument.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)));
        context.ReportDiagnostic(
            Finding.With(
                [readOnlyType],
                MessageDiagnostics.MutableCollection,
                syntax.GetLocation(),
                member.Name,
                type.Name,
                $"{readOnlyType}<{typeArguments}>"));
    }

    private static string? ReadOnlyTypeFor(ITypeSymbol type) =>
        type switch
        {
            // A byte array is one value, and there is no other type for it.
            IArrayTypeSymbol { ElementType.SpecialType: SpecialType.System_Byte } => null,
            IArrayTypeSymbol { Rank: 1 } => "IReadOnlyList",
            INamedTypeSymbol { IsGenericType: true } named
                when ReadOnly.TryGetValue(named.DefinitionName(), out var found) => found,
            _ => null,
        };
}
