using Microsoft.CodeAnalysis;

namespace Millrace.Generators;

/// <summary>The diagnostics about event names.</summary>
internal static class NamingDiagnostics
{
    public static readonly DiagnosticDescriptor TypeTense = Finding.Warning(
        DiagnosticIds.EventTypeTense,
        "An event's type says what has happened",
        "'{0}' does not say what has happened: call the event '{1}'");

    public static readonly DiagnosticDescriptor StoredTense = Finding.Warning(
        DiagnosticIds.EventStoredTense,
        "An event's stored name says what has happened",
        "The stored name '{0}' does not say what has happened: store the event as '{1}', or say with NameReason why it "
            + "is called so"
    );

    public static readonly DiagnosticDescriptor Technical = Finding.Warning(
        DiagnosticIds.EventTechnicalWord,
        "An event's name has no word of the program's",
        "'{0}' has a word that only a program would use: call the event '{1}'");

    public static readonly DiagnosticDescriptor Trade = Finding.Suggestion(
        DiagnosticIds.EventTradeWord,
        "A word of the trade says more than created, updated or deleted",
        "'{0}' speaks of data, not of what people did: perhaps {1}; or say with NameReason why it is called so");

    public static readonly DiagnosticDescriptor OneFact = Finding.Warning(
        DiagnosticIds.EventOneFact,
        "An event is one fact",
        "'{0}' tells two facts, which may one day happen apart: raise '{1}' and '{2}'");

    public static readonly DiagnosticDescriptor Agree = Finding.Warning(
        DiagnosticIds.EventNamesAgree,
        "An event's type and its stored name say the same",
        "'{0}' is stored as '{1}', which says something else: store it as '{2}', or say with NameReason why it is "
            + "called so"
    );

    public static readonly DiagnosticDescriptor Form = Finding.Warning(
        DiagnosticIds.EventNameForm,
        "An event's stored name is the entity, a dot, and what happened",
        "The stored name '{0}' does not tell whose event it is: store the event as '{1}'");

    public static readonly DiagnosticDescriptor Consistent = Finding.Warning(
        DiagnosticIds.EventNameConsistent,
        "An event's stored name is written like the others",
        "The stored name '{0}' is not written like the others: store the event as '{1}'",
        WellKnownDiagnosticTags.CompilationEnd);

    public static readonly DiagnosticDescriptor Reason = Finding.Warning(
        DiagnosticIds.EventNameReason,
        "The reason for a name says why",
        "The NameReason of '{0}' is empty: say why the event is called '{1}', or remove it");
}
