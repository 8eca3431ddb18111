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
        NamingDiagnostics.DomainTerm,
        NamingDiagnostics.OneFact,
        NamingDiagnostics.Agree,
        NamingDiagnostics.Form,
        NamingDiagnostics.Consistent,
        NamingDiagnostics.Reason,
    ];

    protected override void Begin(CompilationStartAnalysisContext start, ModelTypes types)
    {
        var all = new ConcurrentBag<(EventName Name, Location Location, bool HasReason)>();
        start.RegisterSymbolAction(context => AnalyzeEvent(context, types, all), SymbolKind.NamedType);
        start.RegisterCompilationEndAction(context =>
        {
            var names = new EventNameSet(all.Select(entry => entry.Name));
            foreach (var (name, location, _) in all.Where(entry => !entry.HasReason && entry.Name.Entity.Length > 0))
            {
                if (names.Instead(name) is { } expectedName)
                    context.ReportDiagnostic(
                        Finding.With([expectedName], NamingDiagnostics.Consistent, location, name.Text, expectedName));
            }
        });
    }

    private static void AnalyzeEvent(
        SymbolAnalysisContext context,
        ModelTypes types,
        ConcurrentBag<(EventName Name, Location Location, bool HasReason)> all)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        if (types.EventOf(type) is not { } attribute || attribute.Text() is not { Length: > 0 } text)
            return;
        var (typeName, stored) = (EventName.OfType(type.Name), EventName.OfStored(text));
        var location = LocationOf(attribute, type, context.CancellationToken);
        var reason = attribute.Named<string?>("NameReason", null);
        all.Add((stored, location, reason is not null));
        if (reason is not null && string.IsNullOrWhiteSpace(reason))
            context.ReportDiagnostic(Diagnostic.Create(NamingDiagnostics.Reason, location, type.Name, text));
        AnalyzeType(context.ReportDiagnostic, typeName, type.Locations[0]);
        if (reason is null)
            AnalyzeStoredName(context.ReportDiagnostic, stored, typeName, location);
    }

    private static void AnalyzeType(Action<Diagnostic> report, EventName name, Location location)
    {
        if (EventRules.Technical(name) is [var plain, ..])
            report(Finding.With([plain], NamingDiagnostics.Technical, location, name.Text, plain));
        else if (EventRules.Tense(name) is [var past, ..])
            report(Finding.With([past], NamingDiagnostics.TypeTense, location, name.Text, past));
        if (EventRules.OneFact(name) is [var first, var second])
            report(Diagnostic.Create(NamingDiagnostics.OneFact, location, name.Text, first, second));
    }

    private static void AnalyzeStoredName(
        Action<Diagnostic> report, EventName stored, EventName type, Location location)
    {
        if (EventRules.Form(stored, type.Words) is [var dotted, ..])
            report(Finding.With([dotted], NamingDiagnostics.Form, location, stored.Text, dotted));
        else if (EventRules.Technical(stored) is [var plain, ..])
            report(Finding.With([plain], NamingDiagnostics.Technical, location, stored.Text, plain));
        else if (EventRules.Tense(stored) is [var past, ..])
            report(Finding.With([past], NamingDiagnostics.StoredTense, location, stored.Text, past));
        else if (IsValidTypeName(type) && !EventRules.Agree(type, stored))
            ReportDisagreement(report, stored, type, location);
        if (EventRules.Business(stored) is not [_, ..] terms)
            return;
        var suggestions = string.Join(" or ", terms.Select(term => $"'{term}'"));
        report(Finding.With(terms, NamingDiagnostics.DomainTerm, location, stored.Text, suggestions));
    }

    private static void ReportDisagreement(
        Action<Diagnostic> report, EventName stored, EventName type, Location location)
    {
        var expectedName = EventName.StoredFor(type.Words, stored.Entity, stored.Separator ?? '-');
        report(Finding.With([expectedName], NamingDiagnostics.Agree, location, type.Text, stored.Text, expectedName));
    }

    // A stored name is not compared with a type name that is itself wrong.
    private static bool IsValidTypeName(EventName type) =>
        EventRules.Technical(type).Count == 0 && EventRules.Tense(type).Count == 0;

    private static Location LocationOf(AttributeData attribute, ISymbol type, CancellationToken cancellationToken) =>
        attribute.ApplicationSyntaxReference?.GetSyntax(cancellationToken) is AttributeSyntax syntax
            ? (syntax.ArgumentList?.Arguments.FirstOrDefault() ?? (SyntaxNode)syntax).GetLocation()
            : type.Locations[0];
}
