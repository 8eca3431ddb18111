using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace Millrace.Generators.Analyzers;

/// <summary>Creates descriptors and diagnostics of analyzers.</summary>
internal static class Finding
{
    private const string Category = "Millrace";

    // The texts that a code fix writes, with one text on each line.
    private const string FixTextsKey = "Instead";

    /// <summary>Creates an error for code that does not work.</summary>
    public static DiagnosticDescriptor Error(string id, string title, string message, params string[] tags) =>
        Descriptor(id, title, message, DiagnosticSeverity.Error, tags);

    /// <summary>Creates a warning for harmful code.</summary>
    public static DiagnosticDescriptor Warning(string id, string title, string message, params string[] tags) =>
        Descriptor(id, title, message, DiagnosticSeverity.Warning, tags);

    /// <summary>Creates a suggestion. An editor shows suggestions, but a build does not.</summary>
    public static DiagnosticDescriptor Suggestion(string id, string title, string message, params string[] tags) =>
        Descriptor(id, title, message, DiagnosticSeverity.Info, tags);

    /// <summary>Creates a diagnostic with the texts for its code fix.</summary>
    public static Diagnostic With(
        IEnumerable<string> fixTexts, DiagnosticDescriptor descriptor, Location location, params object[] arguments) =>
        Diagnostic.Create(
            descriptor,
            location,
            ImmutableDictionary<string, string?>.Empty.Add(FixTextsKey, string.Join("\n", fixTexts)),
            arguments);

    /// <summary>Returns the texts for the code fix, best first.</summary>
    public static IReadOnlyList<string> GetFixTexts(Diagnostic diagnostic) =>
        diagnostic.Properties.TryGetValue(FixTextsKey, out var text) && text is { Length: > 0 } ? text.Split('\n') : [];

    private static DiagnosticDescriptor Descriptor(
        string id, string title, string message, DiagnosticSeverity severity, string[] tags) => new(
            id,
            title,
            message,
            Category,
            severity,
            isEnabledByDefault: true,
            helpLinkUri: $"docs/reference/diagnostics/{id}.md",
            customTags: tags);
}
