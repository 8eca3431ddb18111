using Microsoft.CodeAnalysis;
using Millrace.Generators.Analyzers;

namespace Millrace.Generators.Naming;

/// <summary>The diagnostics about event names.</summary>
internal static class NamingDiagnostics
{
    public static readonly DiagnosticDescriptor TypeTense = Finding.Warning(
        DiagnosticIds.EventTypeTense,
        "An event's type name states what has happened",
        "'{0}' does not state what has happened: name the event '{1}'");

    public static readonly DiagnosticDescriptor StoredTense = Finding.Warning(
        DiagnosticIds.EventStoredTense,
        "An event's stored name states what has happened",
        "The stored name '{0}' does not state what has happened: store the event as '{1}', or explain the name with "
            + "NameReason"
    );

    public static readonly DiagnosticDescriptor Technical = Finding.Warning(
        DiagnosticIds.EventTechnicalWord,
        "An event's name has no technical word",
        "'{0}' contains a technical word: name the event '{1}'");

    public static readonly DiagnosticDescriptor DomainTerm = Finding.Suggestion(
        DiagnosticIds.EventDomainTerm,
        "A domain term says more than created, updated or deleted",
        "'{0}' is a data term and not a domain term: use {1}, for example, or explain the name with NameReason");

    public static readonly DiagnosticDescriptor OneFact = Finding.Warning(
        DiagnosticIds.EventOneFact,
        "An event is one fact",
        "'{0}' contains two facts, which may happen separately one day: raise '{1}' and '{2}'");

    public static readonly DiagnosticDescriptor Agree = Finding.Warning(
        DiagnosticIds.EventNamesAgree,
        "An event's type name and its stored name agree",
        "'{0}' is stored as '{1}', which differs: store it as '{2}', or explain the name with NameReason"
    );

    public static readonly DiagnosticDescriptor Form = Finding.Warning(
        DiagnosticIds.EventNameForm,
        "An event's stored name is the entity, a dot, and what happened",
        "The stored name '{0}' does not contain the entity: store the event as '{1}'");

    public static readonly DiagnosticDescriptor Consistent = Finding.Warning(
        DiagnosticIds.EventNameConsistent,
        "An event's stored name has the style of the others",
        "The stored name '{0}' does not have the style of the others: store the event as '{1}'",
        WellKnownDiagnosticTags.CompilationEnd);

    public static readonly DiagnosticDescriptor Reason = Finding.Warning(
        DiagnosticIds.EventNameReason,
        "The reason for a name is not empty",
        "The NameReason of '{0}' is empty: explain the name '{1}', or remove it");
}
