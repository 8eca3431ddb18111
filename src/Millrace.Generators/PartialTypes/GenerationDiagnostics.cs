using Microsoft.CodeAnalysis;

namespace Millrace.Generators.PartialTypes;

/// <summary>The diagnostics of types that the generator cannot extend.</summary>
internal static class GenerationDiagnostics
{
    public static readonly DiagnosticDescriptor Failed = Diagnostics.Error(
        DiagnosticIds.GeneratorFailed,
        "The generator failed",
        "The generator failed on '{0}' with {1}: {2} Report it with the code of the type");

    public static readonly DiagnosticDescriptor MemberTaken = Diagnostics.Error(
        DiagnosticIds.MemberTaken,
        "A generated member has a unique name",
        "'{0}' is the name of a generated member of '{1}': choose another name");

    public static readonly DiagnosticDescriptor NameHidden = Diagnostics.Error(
        DiagnosticIds.NameHidden,
        "A type hides a name that generated code uses",
        "The type '{0}' hides the meaning of '{0}' in generated code: rename it, or, if it is the name of a namespace, "
            + "move it into a namespace");

    public static readonly DiagnosticDescriptor FileLocal = Diagnostics.Error(
        DiagnosticIds.FileLocal,
        "A type with a generated part is not file-local",
        "'{0}' or a type around it is local to its file, and its generated part is in another file: remove 'file'");
}
