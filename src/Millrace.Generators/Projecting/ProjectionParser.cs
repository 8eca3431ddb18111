using Microsoft.CodeAnalysis;
using Millrace.Generators.Aggregates;
using Millrace.Generators.Folds;
using Millrace.Generators.Json;
using Millrace.Generators.PartialTypes;
using Millrace.Generators.Roslyn;
using Millrace.Generators.Values;

namespace Millrace.Generators.Projecting;

/// <summary>Parses classes marked <c>[Projection]</c>.</summary>
internal static class ProjectionParser
{
    public static ProjectionModel? Parse(GeneratorAttributeSyntaxContext context)
    {
        if (context.TargetSymbol is not INamedTypeSymbol type || context.Attributes[0].Text() is not { } name)
            return null;
        var compilation = context.SemanticModel.Compilation;
        var attribute = context.Attributes[0];
        if (type.Base(MetadataNames.ProjectionBase) is not { TypeArguments: [var key, var document] } projection)
            return Invalid(type, name, DiagnosticInfo.At(ProjectionDiagnostics.Shape, type, type.Name));
        var problems = new List<DiagnosticInfo>();
        var levels = new FoldLevels(type, MetadataNames.ProjectionBase, null, "Fold", compilation);
        var needsFold =
            levels.Owner is null && !type.GetMembers("Fold").OfType<IMethodSymbol>().Any(method => method.IsOverride);
        if (needsFold && !TypeDeclaration.IsPartial(type))
            problems.Add(DiagnosticInfo.At(Diagnostics.NotPartial, type, type.Name, "CollectKeys and Fold"));
        problems.AddRange(PartCheck.Problems(type, GeneratedMember.OfProjection(key.FullName(), document.FullName())));
        if (!type.CanBeCreated(compilation))
            problems.Add(DiagnosticInfo.At(Diagnostics.NoConstructor, type, type.Name));
        if (!key.IsKey())
            problems.Add(DiagnosticInfo.At(ProjectionDiagnostics.Key, type, key.Display(), type.Name));
        if (!IsValidName(name))
            problems.Add(DiagnosticInfo.At(ProjectionDiagnostics.Name, type, name));
        RequireCategory(type, name, attribute, problems);
        var folds = new FoldParser(compilation, type, levels, key, document, problems).Parse();
        var fields = FieldParser.Parse(document, type, problems);
        var expiry = ExpiryParser.Parse(document, type, problems);
        var indexes = CompoundIndexParser.Parse(document, type, fields, problems);
        return new(
            TypeDeclaration.Of(type),
            name,
            attribute.Named("Version", 1),
            attribute.Named("Lifecycle", 0),
            attribute.Named("Stream", ""),
            key.FullName(),
            document.FullName(),
            folds.ToEquatable(),
            fields.ToEquatable(),
            needsFold,
            GivesInternalsTo(projection.ContainingAssembly, compilation.Assembly),
            JsonParser.Parse(compilation, type, document),
            LocationInfo.Of(type.Locations[0]),
            problems.ToEquatable())
        {
            Expiry = expiry,
            Indexes = indexes.ToEquatable(),
        };
    }

    private static void RequireCategory(
        INamedTypeSymbol type, string name, AttributeData attribute, List<DiagnosticInfo> problems)
    {
        var (lifecycle, category) = (attribute.Named("Lifecycle", 0), attribute.Named("Stream", ""));
        if (lifecycle is 1 or 2 && category.Length == 0)
            problems.Add(
                DiagnosticInfo.At(
                    ProjectionDiagnostics.Category, type, type.Name, name, ProjectionEmitter.Lifecycles[lifecycle]));
        else if (category.Length > 0 && AggregateParser.IsInvalidCategory(category))
            problems.Add(DiagnosticInfo.At(Diagnostics.StreamCategory, type, category));
    }

    private static ProjectionModel Invalid(INamedTypeSymbol type, string name, DiagnosticInfo problem) =>
        new(
            TypeDeclaration.Of(type),
            name,
            Version: 1,
            Lifecycle: 0,
            Stream: "",
            "object",
            "object",
            Folds: default,
            Fields: default,
            NeedsFold: false,
            CanAccessInternals: false,
            JsonGraph.Empty,
            Location: null,
            new[] { problem }.ToEquatable());

    private static bool GivesInternalsTo(IAssemblySymbol owner, IAssemblySymbol user) =>
        SymbolEqualityComparer.Default.Equals(owner, user) || owner.GivesAccessTo(user);

    public static bool IsValidName(string name) =>
        name.Length > 0 && name.All(letter => letter is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-');
}
