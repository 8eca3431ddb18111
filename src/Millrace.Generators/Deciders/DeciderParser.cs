using Microsoft.CodeAnalysis;
using Millrace.Generators.Aggregates;
using Millrace.Generators.PartialTypes;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Deciders;

/// <summary>Parses static classes with the attribute <c>[Decider]</c>.</summary>
internal static class DeciderParser
{
    public static DeciderModel? Parse(GeneratorAttributeSyntaxContext context)
    {
        if (context.TargetSymbol is not INamedTypeSymbol type || context.Attributes[0].Text() is not { } category)
            return null;
        var problems = new List<DiagnosticInfo>();
        var declaration = LocationInfo.Of(type.Locations.FirstOrDefault(location => location.IsInSource));
        if (!TypeDeclaration.IsPartial(type))
            problems.Add(DiagnosticInfo.At(Diagnostics.NotPartial, type, type.Name, "Decider"));
        if (AggregateParser.IsInvalidCategory(category))
            problems.Add(DiagnosticInfo.At(Diagnostics.StreamCategory, type, category));
        if (!type.IsStatic || type.IsGenericType || Initial(type) is not ({ } state, { } code))
        {
            problems.Add(DiagnosticInfo.At(Diagnostics.DeciderShape, type, type.Name));
            return new(TypeDeclaration.Of(type), category, "object", "", default, default, problems.ToEquatable())
            {
                Location = declaration,
            };
        }
        problems.AddRange(PartCheck.Problems(type, GeneratedMember.OfDecider(state.FullName())
            .Where(member => member.Name != "WriteState" || !HasCustomStateText(type, state))));
        var events = Events(type, state, problems);
        var decides = new DecideParser(
            context.SemanticModel.Compilation, type, state, IdOf(context.Attributes[0]), problems).Parse();
        return new(
            TypeDeclaration.Of(type),
            category,
            state.FullName(),
            code,
            events,
            decides.ToEquatable(),
            problems.ToEquatable())
        {
            Parts = HasCustomStateText(type, state) ? null : StateParser.ParseValue(state),
            Location = declaration,
            IsReachable = type.IsReachable(context.SemanticModel.Compilation),
        };
    }

    private static bool HasCustomStateText(INamedTypeSymbol type, ITypeSymbol state) =>
        type.GetMembers("WriteState")
            .OfType<IMethodSymbol>()
            .Any(method => method.Parameters is [_, { } written] && Same(written.Type, state));

    private static INamedTypeSymbol? IdOf(AttributeData attribute) =>
        attribute.NamedArguments.FirstOrDefault(argument => argument.Key == "Id").Value.Value as INamedTypeSymbol;

    /// <summary>Returns the type of the initial state, and the code that creates it.</summary>
    private static (ITypeSymbol? State, string? Code) Initial(INamedTypeSymbol type) =>
        type.GetMembers("Initial").FirstOrDefault() switch
        {
            IFieldSymbol field => (field.Type, "Initial"),
            IPropertySymbol { GetMethod: not null } property => (property.Type, "Initial"),
            IMethodSymbol { Parameters.IsEmpty: true, ReturnsVoid: false } method => (method.ReturnType, "Initial()"),
            _ => (null, null),
        };

    private static EquatableArray<string> Events(
        INamedTypeSymbol type, ITypeSymbol state, List<DiagnosticInfo> problems)
    {
        var events = new List<ITypeSymbol>();
        foreach (var evolve in type.GetMembers("Evolve").OfType<IMethodSymbol>())
        {
            var isValid = evolve is
            {
                IsGenericMethod: false,
                Parameters: [{ RefKind: RefKind.None } stateParameter, { RefKind: RefKind.None } eventParameter]
            }
                && Same(stateParameter.Type, state) && Same(evolve.ReturnType, state)
                && eventParameter.Type.Attribute(MetadataNames.Event) is not null;
            if (isValid)
                events.Add(evolve.Parameters[1].Type);
            else if (evolve.Parameters.All(parameter => parameter.Type.TypeKind != TypeKind.Error))
                problems.Add(DiagnosticInfo.At(Diagnostics.EvolveShape, evolve, type.Name, state.Display()));
        }
        return events.ToCases();
    }

    private static bool Same(ITypeSymbol left, ITypeSymbol right) => SymbolEqualityComparer.Default.Equals(left, right);
}
