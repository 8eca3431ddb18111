using Microsoft.CodeAnalysis;

namespace Millrace.Generators.Json;

/// <summary>The diagnostics of types that JSON cannot store without loss.</summary>
internal static class JsonDiagnostics
{
    public static readonly DiagnosticDescriptor Needed = Diagnostics.Error(
        DiagnosticIds.JsonNeeded,
        "A member that is not stored is needed to create the object",
        "'{0}' of '{1}' is not stored, but {2}");

    public static readonly DiagnosticDescriptor Parameter = Diagnostics.Error(
        DiagnosticIds.JsonParameter,
        "A parameter of a [JsonConstructor] has no member",
        "'{0}' of the [JsonConstructor] of '{1}' {2}");

    public static readonly DiagnosticDescriptor Member = Diagnostics.Error(
        DiagnosticIds.JsonMember,
        "A member cannot be stored as it is declared",
        "'{0}' of '{1}' cannot be stored: {2}");

    public static readonly DiagnosticDescriptor Attribute = Diagnostics.Error(
        DiagnosticIds.JsonAttribute,
        "A feature of System.Text.Json is not supported",
        "'{0}' uses {1}, which has no effect here: {2}");

    public static readonly DiagnosticDescriptor Derived = Diagnostics.Error(
        DiagnosticIds.JsonDerived,
        "Derived types are listed so that each can be read",
        "'{0}' cannot list its derived types this way: {1}");
}
