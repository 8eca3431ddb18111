using Microsoft.CodeAnalysis;

namespace Millrace.Generators.Projecting;

/// <summary>The diagnostics of projections.</summary>
internal static class ProjectionDiagnostics
{
    public static readonly DiagnosticDescriptor Shape = Diagnostics.Error(
        DiagnosticIds.ProjectionShape,
        "[Projection] is for projections",
        "'{0}' is marked [Projection] but is not a projection: derive it from Projection<TKey, TDocument>");

    public static readonly DiagnosticDescriptor ApplyWithoutKey = Diagnostics.Error(
        DiagnosticIds.ApplyWithoutKey,
        "An Apply without its Key",
        "'{0}' is applied, but no Key method selects its document: {1}");

    public static readonly DiagnosticDescriptor KeyWithoutApply = Diagnostics.Error(
        DiagnosticIds.KeyWithoutApply,
        "A Key without its Apply",
        "'{0}' has a key, but no Apply method uses it: {1}");

    public static readonly DiagnosticDescriptor Method = Diagnostics.Error(
        DiagnosticIds.ProjectionMethod,
        "Key or Apply has a wrong signature",
        "'{0}' of '{1}' must be 'Key(TheEvent e)' that returns '{2}', '{2}?' or several as IEnumerable<{2}>, or '{3}? "
            + "Apply({3}? document, TheEvent e)', with an optional key as first parameter and an optional "
            + "RecordedEvent as last");

    public static readonly DiagnosticDescriptor ApplyNoEvent = Diagnostics.Error(
        DiagnosticIds.ApplyNoEvent,
        "Key and Apply take an event",
        "'{0}' takes '{1}', which is not an event: mark the record with [Event(\"...\")]");

    public static readonly DiagnosticDescriptor IndexedMember = Diagnostics.Error(
        DiagnosticIds.IndexedMember,
        "An indexed member must be a text, number, date, id, value or enumeration",
        "The member '{0}' of '{1}' cannot be indexed: mark a text, number, date, id, value or enumeration");

    public static readonly DiagnosticDescriptor ExpiresMember = Diagnostics.Error(
        DiagnosticIds.ExpiresMember,
        "One member of a document states when it expires",
        "The member '{0}' of '{1}' cannot be marked [Expires]: {2}");

    public static readonly DiagnosticDescriptor CompoundIndex = Diagnostics.Error(
        DiagnosticIds.CompoundIndex,
        "A compound index has several indexed members",
        "The compound index '{0}' of '{1}' is not allowed: {2}");

    public static readonly DiagnosticDescriptor Twice = Diagnostics.Error(
        DiagnosticIds.ProjectionTwice,
        "Two projections have the same name and version",
        "'{0}' and '{1}' are both '{2}' version {3}: give one of them another name or version");

    public static readonly DiagnosticDescriptor Name = Diagnostics.Error(
        DiagnosticIds.ProjectionName,
        "The name of a projection is not allowed",
        "The projection name '{0}' is not allowed: use lower case letters, digits and dashes");

    public static readonly DiagnosticDescriptor Key = Diagnostics.Error(
        DiagnosticIds.ProjectionKey,
        "The key of a projection has a text form",
        "'{0}' cannot be the key of '{1}', because it has no text that identifies its values: use a text, a number, a "
            + "date or a Guid, a type of one value with [Id<Guid>] or [Value<string>], or a type that implements "
            + "IKeyText");

    public static readonly DiagnosticDescriptor Category = Diagnostics.Error(
        DiagnosticIds.ProjectionCategory,
        "An inline or live projection names the category of its streams",
        "'{0}' writes the document of each stream's own key, and streams of two categories may have the same key: "
            + "name the category it folds, as in [Projection(\"{1}\", Lifecycle = ProjectionLifecycle.{2}, Stream = "
            + "\"order\")]");
}
