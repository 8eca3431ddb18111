using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Millrace.Generators.Analyzers;
using Millrace.Generators.Roslyn;
using Millrace.Shared.Naming;

namespace Millrace.Generators.Messages;

/// <summary>Finds members of messages whose type is too general: ids, money and times as plain values.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class MemberTypeAnalyzer : ModelAnalyzer
{
    private static readonly HashSet<string> MoneyWords = new(StringComparer.Ordinal)
    {
        "amount",
        "balance",
        "budget",
        "charge",
        "commission",
        "cost",
        "credit",
        "debit",
        "debt",
        "deposit",
        "fare",
        "fee",
        "money",
        "payment",
        "premium",
        "price",
        "profit",
        "refund",
        "rent",
        "revenue",
        "royalties",
        "royalty",
        "salary",
        "subtotal",
        "tax",
        "total",
        "turnover",
        "vat",
        "wage",
        "wages",
    };

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        [MessageDiagnostics.RawId, MessageDiagnostics.InexactMoney, MessageDiagnostics.LocalTime];

    protected override void Begin(CompilationStartAnalysisContext start, ModelTypes types)
    {
        var analyzed = new ConcurrentDictionary<INamedTypeSymbol, bool>(SymbolEqualityComparer.Default);
        var seenInEvents = new ConcurrentDictionary<INamedTypeSymbol, bool>(SymbolEqualityComparer.Default);
        var ids = new IdTypes(start.Compilation);
        start.RegisterSymbolAction(
            context =>
            {
                var message = (INamedTypeSymbol)context.Symbol;
                var isEvent = types.IsEvent(message);
                if (!isEvent && !types.IsCommand(message) && !types.IsQuery(message))
                    return;
                foreach (var part in MessageParts.Of(message))
                {
                    if (isEvent && seenInEvents.TryAdd(part, true))
                        AnalyzeTimes(context, part);
                    if (analyzed.TryAdd(part, true))
                        AnalyzeType(context, part, ids);
                }
            },
            SymbolKind.NamedType);
    }

    private static void AnalyzeType(SymbolAnalysisContext context, INamedTypeSymbol type, IdTypes ids)
    {
        foreach (var (property, location) in Properties(context, type))
        {
            if (ids.For(property) is { } id)
            {
                var typeName = property.Type.Display();
                var idType = id.ToDisplayString(SymbolDisplayFormat.CSharpErrorMessageFormat);
                context.ReportDiagnostic(Finding.With(
                    [idType], MessageDiagnostics.RawId, location, property.Name, type.Name, typeName, id.Name));
            }
            if (IsInexact(property.Type) && IsMoney(property.Name))
            {
                var typeName = property.Type.Underlying().Display();
                context.ReportDiagnostic(Finding.With(
                    ["decimal"], MessageDiagnostics.InexactMoney, location, property.Name, type.Name, typeName));
            }
        }
    }

    private static void AnalyzeTimes(SymbolAnalysisContext context, INamedTypeSymbol type)
    {
        foreach (var (property, location) in Properties(context, type))
        {
            if (property.Type.Underlying().SpecialType != SpecialType.System_DateTime)
                continue;
            string[] types = IsDay(property.Name) ? ["DateOnly", "DateTimeOffset"] : ["DateTimeOffset", "DateOnly"];
            context.ReportDiagnostic(
                Finding.With(types, MessageDiagnostics.LocalTime, location, property.Name, type.Name));
        }
    }

    private static IEnumerable<(IPropertySymbol Property, Location Location)> Properties(
        SymbolAnalysisContext context, INamedTypeSymbol type)
    {
        foreach (var property in MessageParts.MembersOf(type).OfType<IPropertySymbol>())
        {
            if (MessageParts.TypeOf(property, context.CancellationToken) is { } syntax)
                yield return (property, syntax.GetLocation());
        }
    }

    private static bool IsInexact(ITypeSymbol type) =>
        type.Underlying().SpecialType is SpecialType.System_Double or SpecialType.System_Single;

    private static bool IsMoney(string name)
    {
        var words = EventWords.OfType(name);
        return words.Count > 0 && MoneyWords.Contains(words[words.Count - 1]);
    }

    private static bool IsDay(string name)
    {
        var words = EventWords.OfType(name);
        return words.Count > 0 && words[words.Count - 1] is "date" or "day" or "birthday" or "on";
    }
}
