using Microsoft.CodeAnalysis;
using Millrace.Generators.Projecting;
using Millrace.Generators.Roslyn;
using Millrace.Generators.Values;

namespace Millrace.Generators.ProcessManagers;

/// <summary>Parses classes marked <c>[Process]</c>.</summary>
internal static class ProcessParser
{
    public static ProcessModel? Parse(GeneratorAttributeSyntaxContext context)
    {
        if (context.TargetSymbol is not INamedTypeSymbol type || context.Attributes[0].Text() is not { } name)
            return null;
        var (version, problems) = (context.Attributes[0].Named("Version", 1), new List<DiagnosticInfo>());
        var id = type.Base(MetadataNames.ProcessBase) is { TypeArguments: [var found] } ? found : null;
        if (id is null)
            problems.Add(DiagnosticInfo.At(ProcessDiagnostics.Shape, type, type.Name));
        else if (!type.CanBeCreated(context.SemanticModel.Compilation))
            problems.Add(DiagnosticInfo.At(Diagnostics.NoConstructor, type, type.Name));
        if (id?.IsKey() == false)
            problems.Add(DiagnosticInfo.At(ProcessDiagnostics.Key, type, id.Display(), type.Name));
        if (!ProjectionParser.IsValidName(name) || version < 1)
            problems.Add(DiagnosticInfo.At(ProcessDiagnostics.Name, type, name));
        return new(
            TypeDeclaration.Of(type),
            name,
            version,
            id?.FullName() ?? "string",
            LocationInfo.Of(type.Locations[0]),
            problems.ToEquatable());
    }
}
