using Microsoft.CodeAnalysis;
using Millrace.Generators.Analyzers;

namespace Millrace.Generators.Marks;

/// <summary>The diagnostics of members that are stored encrypted.</summary>
internal static class MarkDiagnostics
{
    public static readonly DiagnosticDescriptor Subject = Finding.Error(
        DiagnosticIds.MarkSubject,
        "Personal data has a data subject",
        "'{0}' of '{1}' is personal data without a usable data subject: {2}");

    public static readonly DiagnosticDescriptor StoredPlain = Finding.Error(
        DiagnosticIds.MarkStoredPlain,
        "The value of a marked member is stored only encrypted",
        "'{0}' of '{1}' is marked as {2}, but {3}, which is stored plain: {4}");

    public static readonly DiagnosticDescriptor NotErasable = Finding.Error(
        DiagnosticIds.MarkNotErasable,
        "A marked member has a value after erasure",
        "'{0}' of '{1}' is a '{2}', which has no value after erasure: {3}");

    public static readonly DiagnosticDescriptor WithoutEffect = Finding.Error(
        DiagnosticIds.MarkWithoutEffect,
        "A mark has an effect",
        "The mark of '{0}' of '{1}' has no effect: {2}",
        WellKnownDiagnosticTags.CompilationEnd);

    public static readonly DiagnosticDescriptor Ambiguous = Finding.Error(
        DiagnosticIds.MarkAmbiguous,
        "Each path in JSON has one mark",
        "'{0}' of '{1}' cannot be marked: {2}");

    public static readonly DiagnosticDescriptor Name = Finding.Error(
        DiagnosticIds.MarkName,
        "Kinds of data and types of subjects are simple names",
        "The {0} '{1}' of '{2}' is not allowed: {3}");

    public static readonly DiagnosticDescriptor IndexOfFewValues = Finding.Warning(
        DiagnosticIds.IndexOfFewValues,
        "The index of a marked member has many different values",
        "'{0}' of '{1}' is marked and indexed, and a '{2}' has few values: equal values have equal hashes, so their "
            + "frequency reveals them. Remove [Indexed].");

    public static readonly DiagnosticDescriptor IndexOrder = Finding.Error(
        DiagnosticIds.IndexOrder,
        "The index of a marked member is only compared for equality",
        "'{0}' of '{1}' is encrypted, and its index contains hashes: {2}");

    public static readonly DiagnosticDescriptor Sensitive = Finding.Suggestion(
        DiagnosticIds.SensitiveName,
        "A member with a sensitive name is marked",
        "'{0}' of '{1}' may be sensitive ('{2}') and is stored plain: mark it with [{3}]");
}
