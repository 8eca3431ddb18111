using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Millrace.Generators.Analyzers;
using Millrace.Generators.Roslyn;
using Millrace.Shared.Naming;

namespace Millrace.Generators.Naming;

/// <summary>Checks event names: past tense, domain terms, one fact each, and a consistent style.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class EventNameAnalyzer : ModelAnalyzer
{
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
    [
        NamingDiagnostics.TypeTense,
        NamingDiagnostics.StoredTense,
        NamingDiagnostics.Technical,
        NamingDiagnostics.Trade,
        NamingDiagnostics.OneFact,
        NamingDiagnostics.Agree,
        NamingDiagnostics.Form,
        NamingDiagnostics.Consistent,
        NamingDiagnostics.Reason,
    ];

    protected override void Begin(CompilationStartAnalysisContext start, ModelTypes types)
    {
        var all = new ConcurrentBag<(EventName Name, Location Place, bool IsExcused)>();
        start.RegisterSymbolAction(context => Look(context, types, all), SymbolKind.NamedType);
        start.RegisterCompilationEndAction(context =>
        {
            var names = new EventNameSet(all.Select(one => one.Name));
            foreach (var (name, place, _) in all.Where(one => !one.IsExcused && one.Name.Entity.Length > 0))
            {
                if (names.Instead(name) is { } instead)
                    context.ReportDiagnostic(
                        Finding.With([instead], NamingDiagnostics.Consistent, place, name.Text, instead));
            }
        });
    }

    private static void Look(
        SymbolAnalysisContext context,
        ModelTypes types,
        ConcurrentBag<(EventName Name, Location Place, bool IsExcused)> all)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        if (types.EventOf(type) is not { } attribute || attribute.Text() is not { Length: > 0 } text)
            return;
        var (typeName, stored) = (EventName.OfType(type.Name), EventName.OfStored(text));
        var place = PlaceOf(attribute, type, context.CancellationToken);
        var reason = attribute.Named<string?>("NameReason", null);
        all.Add((stored, place, reason is not null));
        if (reason is not null && string.IsNullOrWhiteSpace(reason))
            context.ReportDiagnostic(Diagnostic.Create(NamingDiagnostics.Reason, place, type.Name, text));
        AnalyzeType(context.ReportDiagnostic, typeName, type.Locations[0]);
        if (reason is null)
            AnalyzeStoredName(context.ReportDiagnostic, stored, typeName, place);
    }

    private static void AnalyzeType(Action<Diagnostic> report, EventName name, Location place)
    {
        if (EventRules.Technical(name) is [var plain, ..])
            report(Finding.With([plain], NamingDiagnostics.Technical, place, name.Text, plain));
        else if (EventRules.Tense(name) is [var past, ..])
            report(Finding.With([past], NamingDiagnostics.TypeTense, place, name.Text, past));
        if (EventRules.OneFact(name) is [var first, var second])
            report(Diagnostic.Create(NamingDiagnostics.OneFact, place, name.Text, first, second));
    }

    private static void AnalyzeStoredName(Action<Diagnostic> report, EventName stored, EventName type, Location place)
    {
        if (EventRules.Form(stored, type.Words) is [var dotted, ..])
            report(Finding.With([dotted], NamingDiagnostics.Form, place, stored.Text, dotted));
        else if (EventRules.Technical(stored) is [var plain, ..])
            report(Finding.With([plain], NamingDiagnostics.Technical, place, stored.Text, plain));
        else if (EventRules.Tense(stored) is [var past, ..])
            report(Finding.With([past], NamingDiagnostics.StoredTense, place, stored.Text, past));
        else if (IsRight(type) && !EventRules.Agree(type, stored))
            Disagree(report, stored, type, place);
        if (EventRules.Business(stored) is not [_, ..] better)
            return;
        var perhaps = string.Join(" or ", better.Select(one => $"'{one}'"));
        report(Finding.With(better, NamingDiagnostics.Trade, place, stored.Text, perhaps));
    }

    private static void Disagree(Action<Diagnostic> report, EventName stored, EventName type, Location place)
    {
        var instead = EventName.StoredFor(type.Words, stored.Entity, stored.Separator ?? '-');
        report(Finding.With([instead], NamingDiagnostics.Agree, place, type.Text, stored.Text, instead));
    }

    // A stored name is not compared with a type name that is itself wrong.
    private static bool IsRight(EventName type) =>
        EventRules.Technical(type).Count == 0 && EventRules.Tense(type).Count == 0;

    private static Location PlaceOf(AttributeData attribute, ISymbol type, CancellationToken cancellationToken) =>
        attribute.ApplicationSyntaxReference?.GetSyntax(cancellationToken) is AttributeSyntax syntax
            ? (syntax.ArgumentList?.Arguments.FirstOrDefault() ?? (SyntaxNode)syntax).GetLocation()
            : type.Locations[0];
}
