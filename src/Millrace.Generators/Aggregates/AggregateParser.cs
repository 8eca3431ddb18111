using Microsoft.CodeAnalysis;
using Millrace.Generators.Folds;
using Millrace.Generators.Json;
using Millrace.Generators.PartialTypes;
using Millrace.Generators.Roslyn;
using Millrace.Generators.Values;

namespace Millrace.Generators.Aggregates;

/// <summary>Parses classes marked <c>[Stream]</c>.</summary>
internal static class AggregateParser
{
    public static AggregateModel? Parse(GeneratorAttributeSyntaxContext context)
    {
        if (context.TargetSymbol is not INamedTypeSymbol type || context.Attributes[0].Text() is not { } category)
            return null;
        var compilation = context.SemanticModel.Compilation;
        var problems = new List<DiagnosticInfo>();
        if (type.Base(MetadataNames.Aggregate) is not { TypeArguments: [var id] })
        {
            problems.Add(DiagnosticInfo.At(Diagnostics.StreamShape, type, type.Name));
            return new(
                TypeDeclaration.Of(type), category, "object", default, false, null, null, problems.ToEquatable());
        }
        var levels = new FoldLevels(type, MetadataNames.Aggregate, MetadataNames.Stream, "Evolve", compilation);
        var isByHand = type.GetMembers("Evolve").OfType<IMethodSymbol>().Any(method => method.IsOverride);
        var needsEvolve = !isByHand && !levels.IsSealed;
        if (needsEvolve && !TypeDeclaration.IsPartial(type))
            problems.Add(DiagnosticInfo.At(Diagnostics.NotPartial, type, type.Name, "Evolve"));
        problems.AddRange(PartCheck.Problems(type, GeneratedMember.OfAggregate));
        if (IsInvalidCategory(category))
            problems.Add(DiagnosticInfo.At(Diagnostics.StreamCategory, type, category));
        if (!id.IsKey())
            problems.Add(DiagnosticInfo.At(Diagnostics.StreamId, type, id.Display(), type.Name));
        if (!type.CanBeCreated(compilation))
            problems.Add(DiagnosticInfo.At(Diagnostics.NoConstructor, type, type.Name));
        var whens = new WhenParser(type, levels, problems);
        var events = needsEvolve ? whens.Events() : whens.ReportUncalled();
        var snapshot = Snapshot(type, compilation, problems);
        return new(
            TypeDeclaration.Of(type),
            category,
            id.FullName(),
            events,
            needsEvolve,
            snapshot,
            LocationInfo.Of(type.Locations[0]),
            problems.ToEquatable())
        {
            State = HasCustomStateText(type) ? default : StateParser.Parse(type),
            ParseId = KeyTypes.ParserOf(id),
            CallsBase = levels.Owner is not null,
        };
    }

    private static bool HasCustomStateText(INamedTypeSymbol type) =>
        !TypeDeclaration.IsPartial(type)
        || type.GetMembers("WriteState").OfType<IMethodSymbol>().Any(method => method.IsOverride);

    /// <summary>
    /// Returns true if a category is not allowed. A category must be in lower case. It must not contain a dash, because
    /// a dash ends the category in a stream name.
    /// </summary>
    public static bool IsInvalidCategory(string category) =>
        category.Length == 0
        || category.Any(letter =>
            letter == '-' || char.IsWhiteSpace(letter) || char.IsUpper(letter) || char.IsControl(letter));

    private static SnapshotModel? Snapshot(
        INamedTypeSymbol type, Compilation compilation, List<DiagnosticInfo> problems)
    {
        if (type.Attribute(MetadataNames.Snapshot) is not { } attribute)
            return null;
        if (type.Interface(MetadataNames.Snapshotable) is not { TypeArguments: [var state] })
        {
            problems.Add(DiagnosticInfo.At(Diagnostics.SnapshotShape, type, type.Name));
            return null;
        }
        var json = JsonParser.Parse(compilation, type, state);
        return new(state.FullName(), attribute.Named("Version", 1), attribute.Named("Every", 100), json);
    }
}
