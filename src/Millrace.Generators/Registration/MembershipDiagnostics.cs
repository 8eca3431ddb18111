using Microsoft.CodeAnalysis;
using Millrace.Generators.Analyzers;

namespace Millrace.Generators.Registration;

/// <summary>The diagnostics about missing parts of a model, which other code may provide.</summary>
internal static class MembershipDiagnostics
{
    public static readonly DiagnosticDescriptor RaiseNoEvent = Finding.Warning(
        DiagnosticIds.RaiseNoEvent,
        "A raised object is an event",
        "'{0}' raises '{1}', which is not an event and fails at run time: mark it with [Event(\"...\")], or raise an "
            + "event"
    );

    public static readonly DiagnosticDescriptor HandlerNotStatic = Finding.Warning(
        DiagnosticIds.HandlerNotStatic,
        "A handler is static",
        "This Handle is not registered as the handler of '{0}': make it static, and turn its dependencies into "
            + "parameters");

    public static readonly DiagnosticDescriptor NoHandler = Finding.Warning(
        DiagnosticIds.NoHandler,
        "A command or query has a handler",
        "'{0}' has no handler, so sending it fails: write a static method 'Handle({0} {1}, ...)' in this assembly, or "
            + "check for one with a misspelt name",
        WellKnownDiagnosticTags.CompilationEnd);
}
