using Microsoft.CodeAnalysis;

namespace Millrace.Generators.Upcasts;

/// <summary>The diagnostics of upcasters and of the versions of an event.</summary>
internal static class UpcastDiagnostics
{
    public static readonly DiagnosticDescriptor Missing = Diagnostics.Error(
        DiagnosticIds.UpcastMissing,
        "An old version of an event has no upcaster to the newest",
        "'{0}' is stored as '{1}' version {2}, but no upcaster converts it to '{3}': add '[Upcast] public static {3} "
            + "From({0} old)'");

    public static readonly DiagnosticDescriptor VersionMissing = Diagnostics.Warning(
        DiagnosticIds.VersionMissing,
        "Older versions of an event cannot be read",
        "'{0}' is at version {1}, but no code reads version {2}: keep the record of each with an [Upcast], or take it "
            + "as JSON with [Upcast(\"{0}\", version)]");

    public static readonly DiagnosticDescriptor Twice = Diagnostics.Error(
        DiagnosticIds.UpcastTwice,
        "Two upcasters start from the same version",
        "{0} is taken by '{1}' already: each version has one upcaster, so remove one of the methods");

    public static readonly DiagnosticDescriptor Cycle = Diagnostics.Error(
        DiagnosticIds.UpcastBack,
        "Upcasters form a cycle",
        "'{0}' leads back to {1}, or to an older version: upcasters lead to newer versions, never in a circle");

    public static readonly DiagnosticDescriptor Shape = Diagnostics.Error(
        DiagnosticIds.UpcastShape,
        "An upcaster takes an old event and returns a newer one",
        "'{0}' cannot be an upcaster: {1}");

    public static readonly DiagnosticDescriptor Nowhere = Diagnostics.Error(
        DiagnosticIds.UpcastNowhere,
        "An upcaster's result is not an event type",
        "'{0}' makes '{1}' version {2}, which is neither an event type nor taken by another upcaster: set To, or add "
            + "the missing step");

    public static readonly DiagnosticDescriptor OldVersionHandled = Diagnostics.Error(
        DiagnosticIds.OldShapeHandled,
        "An old version of an event is never delivered",
        "The {0} of '{1}' for '{2}' is never called, because an upcaster makes it '{3}': handle that instead");

    public static readonly DiagnosticDescriptor FormerName = Diagnostics.Error(
        DiagnosticIds.FormerName,
        "A former name belongs to one event",
        "'{0}' cannot be a former name of '{1}': {2}");

    public static readonly DiagnosticDescriptor ReadableBy = Diagnostics.Error(
        DiagnosticIds.ReadableBy,
        "ReadableBy names an older version",
        "ReadableBy of '{0}' is {1}, but the version of the event is {2}: name an older version, from 1");

    public static readonly DiagnosticDescriptor ExtraMember = Diagnostics.Error(
        DiagnosticIds.ExtraMember,
        "Unknown members are kept in one dictionary",
        "'{0}' of '{1}' cannot hold unknown members: let one member be an IReadOnlyDictionary<string, JsonElement> "
            + "that can be set");
}
