using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Millrace.Generators.Analyzers;
using Millrace.Generators.Messages;
using Millrace.Generators.Roslyn;
using Millrace.Shared.Naming;

namespace Millrace.Generators.Marks;

/// <summary>Finds members of events and documents that have a sensitive name and no mark.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class SensitiveNameAnalyzer : ModelAnalyzer
{
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [MarkDiagnostics.Sensitive];

    protected override void Begin(CompilationStartAnalysisContext start, ModelTypes types)
    {
        var analyzed = new ConcurrentDictionary<ISymbol, bool>(SymbolEqualityComparer.Default);
        start.RegisterSymbolAction(
            context =>
            {
                var type = (INamedTypeSymbol)context.Symbol;
                var root = types.IsEvent(type) ? type : ModelTypes.DocumentOf(type) as INamedTypeSymbol;
                if (root is null)
                    return;
                // A marked member is encrypted with all its members.
                foreach (var part in MessageParts.Of(root, MarkParser.IsMarked))
                {
                    foreach (var member in MessageParts.MembersOf(part).OfType<IPropertySymbol>())
                    {
                        if (analyzed.TryAdd(member, true))
                            Analyze(context, member);
                    }
                }
            },
            SymbolKind.NamedType);
    }

    private static void Analyze(SymbolAnalysisContext context, IPropertySymbol member)
    {
        if (member.GetMethod?.DeclaredAccessibility != Accessibility.Public
            || MarkParser.IsMarked(member)
            || member.Attribute(MetadataNames.JsonIgnore) is not null
            || member.Type.Underlying().Attribute(MetadataNames.Id) is not null
            || ContainsMark(member.Type))
        {
            return;
        }
        var found = SensitiveName.Find(member.Name)
            ?? (member.Attribute(MetadataNames.JsonPropertyName).Text() is { } name ? SensitiveName.Find(name) : null);
        if (found is not var (word, attribute))
            return;
        context.ReportDiagnostic(Finding.With(
            [attribute],
            MarkDiagnostics.Sensitive,
            member.Locations[0],
            member.Name,
            member.ContainingType.Name,
            word,
            attribute));
    }

    private static bool ContainsMark(ITypeSymbol type) =>
        type is INamedTypeSymbol named
        && MessageParts.Of(named).Any(part => part.ReadableProperties().Any(MarkParser.IsMarked));
}
