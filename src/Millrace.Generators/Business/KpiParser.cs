using System.Globalization;
using Microsoft.CodeAnalysis;
using Millrace.Generators.PartialTypes;
using Millrace.Generators.Projecting;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Business;

/// <summary>Parses classes marked <c>[Kpi]</c>.</summary>
internal static class KpiParser
{
    private const int MaxDimensions = 8;
    private const int MaxMaxMembers = 1_000;
    private const int DefaultMaxMembers = 100;

    public static KpiModel? Parse(GeneratorAttributeSyntaxContext context)
    {
        if (context.TargetSymbol is not INamedTypeSymbol type || context.Attributes[0].Text() is not { } name)
            return null;
        var (attribute, compilation) = (context.Attributes[0], context.SemanticModel.Compilation);
        var problems = new List<DiagnosticInfo>();
        if (!TypeDeclaration.IsPartial(type))
            problems.Add(DiagnosticInfo.At(Diagnostics.NotPartial, type, type.Name, "CollectValues"));
        problems.AddRange(PartCheck.Problems(type, GeneratedMember.OfKpi));
        if (ShapeProblem(type, compilation) is { } shape)
            problems.Add(DiagnosticInfo.At(KpiDiagnostics.Shape, type, type.Name, shape));
        var dimensions = attribute.NamedTexts("Dimensions").ToList();
        foreach (var problem in NameProblems(name, attribute, dimensions))
            problems.Add(DiagnosticInfo.At(KpiDiagnostics.Name, type, name, problem));
        return new(
            TypeDeclaration.Of(type),
            name,
            attribute.Named("Version", 1),
            attribute.Named("Kind", 0),
            attribute.Named("Unit", ""),
            attribute.Named("Description", ""),
            dimensions.ToEquatable(),
            attribute.Named("MaxMembers", DefaultMaxMembers),
            Measures(type, compilation, problems).ToEquatable(),
            LocationInfo.Of(type.Locations[0]),
            problems.ToEquatable());
    }

    private static string? ShapeProblem(INamedTypeSymbol type, Compilation compilation) =>
        type.IsGenericType ? "it has type parameters; write a class without them"
        : !type.IsReachable(compilation) ? "the model cannot refer to it; make it internal or public"
        : !type.GetMembers("Measure").OfType<IMethodSymbol>().Any()
            ? "it has no Measure method; add 'public static KpiValue? Measure(TheEvent e)'"
        : null;

    private static IEnumerable<string> NameProblems(string name, AttributeData attribute, List<string> dimensions)
    {
        if (!ProjectionParser.IsValidName(name))
            yield return "use lower case letters, digits and dashes for its name";
        foreach (var dimension in dimensions.Where(dimension => !ProjectionParser.IsValidName(dimension)))
            yield return $"use lower case letters, digits and dashes for the dimension '{dimension}'";
        if (dimensions.Count > MaxDimensions)
            yield return $"it has more than {MaxDimensions.ToString(CultureInfo.InvariantCulture)} dimensions";
        var groups = dimensions.GroupBy(text => text, StringComparer.Ordinal);
        foreach (var twice in groups.Where(group => group.Count() > 1))
            yield return $"the dimension '{twice.Key}' is listed twice";
        if (attribute.Named("Version", 1) < 1)
            yield return "the version must be at least 1";
        if (attribute.Named("MaxMembers", DefaultMaxMembers) is < 1 or > MaxMaxMembers)
            yield return $"MaxMembers must be from 1 to {MaxMaxMembers.ToString(CultureInfo.InvariantCulture)}";
        if (attribute.Named("Kind", 0) is var kind && (kind < 0 || kind >= KpiEmitter.Kinds.Length))
            yield return "Kind is not a KpiKind";
    }

    private static List<MeasureModel> Measures(
        INamedTypeSymbol type, Compilation compilation, List<DiagnosticInfo> problems)
    {
        var found = new List<(ITypeSymbol Event, MeasureModel Measure)>();
        foreach (var method in type.GetMembers("Measure").OfType<IMethodSymbol>())
        {
            var used = method.Parameters.Select(parameter => parameter.Type).Append(method.ReturnType);
            if (used.Any(one => one.TypeKind == TypeKind.Error))
                continue; // The compiler reports the error.
            if (Problem(method, compilation) is { } problem)
                problems.Add(DiagnosticInfo.At(KpiDiagnostics.Method, method, type.Name, problem));
            else if (found.Exists(other => Same(other.Event, method.Parameters[0].Type)))
                problems.Add(
                    DiagnosticInfo.At(
                        KpiDiagnostics.Method, method, type.Name, "another one takes the same event; remove one"));
            else
                found.Add((method.Parameters[0].Type, Read(type, method, compilation)));
        }
        // A derived event is handled before its base event, because the case of the base event matches both.
        return [.. found.OrderByDescending(one => one.Event.Depth()).Select(one => one.Measure)];
    }

    private static string? Problem(IMethodSymbol method, Compilation compilation) =>
        !method.IsStatic ? "it is not static"
        : method.IsGenericMethod ? "it has type parameters"
        : method.Parameters.Any(parameter => parameter.RefKind != RefKind.None) ? "a parameter is by reference"
        : method.Parameters.Length is 0 or > 2
            || (method.Parameters.Length == 2 && !method.Parameters[1].Type.Is(MetadataNames.RecordedEvent))
            ? "it has other parameters"
        : method.Parameters[0].Type.Attribute(MetadataNames.Event) is null
            ? $"'{method.Parameters[0].Type.Name}' is not an event; mark the record with [Event(\"...\")]"
        : !method.ReturnType.Is(MetadataNames.KpiValue) && !ReturnsMany(method, compilation)
            ? $"it returns '{method.ReturnType.Display()}'"
        : null;

    private static MeasureModel Read(INamedTypeSymbol type, IMethodSymbol method, Compilation compilation) =>
        new(
            method.Parameters[0].Type.FullName(),
            ReturnsMany(method, compilation),
            method.Parameters.Length == 2,
            $"{type.Name}.Measure({string.Join(", ", method.Parameters.Select(one => one.Type.DisplayWithNull()))})");

    private static bool ReturnsMany(IMethodSymbol method, Compilation compilation)
    {
        if (compilation.GetTypeByMetadataName(MetadataNames.KpiValue) is not { } value)
            return false;
        var values = compilation.GetSpecialType(SpecialType.System_Collections_Generic_IEnumerable_T).Construct(value);
        return Same(method.ReturnType, values)
            || method.ReturnType.AllInterfaces.Any(implemented => Same(implemented, values));
    }

    private static bool Same(ITypeSymbol left, ITypeSymbol right) => SymbolEqualityComparer.Default.Equals(left, right);
}
