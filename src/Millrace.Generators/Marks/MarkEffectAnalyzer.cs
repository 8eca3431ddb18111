using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Millrace.Generators.Analyzers;
using Millrace.Generators.Messages;
using Millrace.Generators.Registration;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Marks;

/// <summary>Finds marks on members that are not stored, or that are stored in a place without encryption.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class MarkEffectAnalyzer : ModelAnalyzer
{
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        [MarkDiagnostics.WithoutEffect];

    protected override void Begin(CompilationStartAnalysisContext start, ModelTypes types)
    {
        if (!ModelMembers.HasModel(start.Compilation, start.CancellationToken))
            return; // The model of another assembly may contain the types.
        var marked = new ConcurrentBag<(ISymbol Member, INamedTypeSymbol Type)>();
        var reached = new ConcurrentDictionary<ITypeSymbol, bool>(SymbolEqualityComparer.Default);
        start.RegisterSymbolAction(
            context =>
            {
                var type = (INamedTypeSymbol)context.Symbol;
                foreach (var member in MarkedIn(type))
                    marked.Add((member, type));
                foreach (var part in RootsOf(type, types).SelectMany(root => MessageParts.Of(root)))
                {
                    for (var level = part; level is not null && reached.TryAdd(level, true); level = level.BaseType)
                    {
                    }
                }
            },
            SymbolKind.NamedType);
        start.RegisterCompilationEndAction(context =>
        {
            foreach (var (member, type) in marked)
            {
                if (Problem(member, type, reached) is { } problem)
                    context.ReportDiagnostic(Diagnostic.Create(
                        MarkDiagnostics.WithoutEffect, member.Locations[0], member.Name, type.Name, problem));
            }
        });
    }

    /// <summary>Returns the types that a type of the model stores or sends.</summary>
    private static IEnumerable<INamedTypeSymbol> RootsOf(INamedTypeSymbol type, ModelTypes types)
    {
        if (types.IsEvent(type) || types.IsCommand(type) || types.IsQuery(type))
            yield return type;
        var others = type.AllInterfaces
            .Where(found => found.Is(MetadataNames.Command) || found.Is(MetadataNames.Query)
                || found.Is(MetadataNames.Snapshotable))
            .SelectMany(found => found.TypeArguments)
            .Append(ModelTypes.DocumentOf(type))
            .Append(types.StateOf(type));
        foreach (var other in others.SelectMany(WithArguments))
            yield return other;
    }

    /// <summary>Returns a type with its type arguments, such as the item type of a list.</summary>
    private static IEnumerable<INamedTypeSymbol> WithArguments(ITypeSymbol? type) => type switch
    {
        IArrayTypeSymbol array => WithArguments(array.ElementType),
        INamedTypeSymbol named => named.TypeArguments.SelectMany(WithArguments).Append(named),
        _ => [],
    };

    /// <summary>Returns the properties, fields and parameters with a mark that a type declares.</summary>
    private static IEnumerable<ISymbol> MarkedIn(INamedTypeSymbol type)
    {
        var members = type.GetMembers();
        var properties = members.OfType<IPropertySymbol>().ToList();
        foreach (var property in properties.Where(MarkParser.IsMarked))
            yield return property;
        foreach (var field in members.OfType<IFieldSymbol>().Where(MarkParser.HasMark))
            yield return field;
        foreach (var parameter in members.OfType<IMethodSymbol>().SelectMany(method => method.Parameters))
        {
            var isOfProperty = parameter.ContainingSymbol is IMethodSymbol { MethodKind: MethodKind.Constructor }
                && properties.Exists(property => property.Name == parameter.Name);
            if (!isOfProperty && MarkParser.HasMark(parameter))
                yield return parameter;
        }
    }

    private static string? Problem(
        ISymbol member, INamedTypeSymbol type, ConcurrentDictionary<ITypeSymbol, bool> reached) => member switch
        {
            IParameterSymbol => "no property has the name of the parameter: mark a property",
            IFieldSymbol => "fields are not stored: mark a property",
            IPropertySymbol property when NotStored(property) is { } problem => problem,
            _ => IsReached(type, reached) ? null
                : $"'{type.Name}' is not part of an event, a document, a command, a query or an answer, or a converter "
                    + "hides its members: remove the mark, or mark the member that contains the value",
        };

    private static string? NotStored(IPropertySymbol property)
    {
        if (property.Attribute(MetadataNames.JsonExtensionData) is not null)
            return "the names of its members are unknown: store the values in another member";
        var isStored =
            !property.IsStatic
            && !property.IsIndexer
            && property.GetMethod?.DeclaredAccessibility == Accessibility.Public
            && property.Attribute(MetadataNames.JsonIgnore) is null
            && (property.Setter() is not null
                || property.IsAbstract
                || property.Attribute(MetadataNames.JsonInclude) is not null
                || property.ContainingType.InstanceConstructors.SelectMany(constructor => constructor.Parameters)
                    .Any(parameter =>
                        string.Equals(parameter.Name, property.Name, StringComparison.OrdinalIgnoreCase)));
        return isStored ? null : "the member is not stored: remove the mark";
    }

    /// <summary>
    /// Returns true if a type, or a type that it derives from, is stored or sent. A base type may list derived types.
    /// </summary>
    private static bool IsReached(INamedTypeSymbol type, ConcurrentDictionary<ITypeSymbol, bool> reached)
    {
        for (var level = type; level is not null && level.SpecialType == SpecialType.None; level = level.BaseType)
        {
            if (reached.ContainsKey(level))
                return true;
        }
        return type.AllInterfaces.Any(reached.ContainsKey);
    }
}
