using Microsoft.CodeAnalysis.Diagnostics;

namespace Millrace.Generators;

/// <summary>An analyzer of code that uses Millrace: it costs nothing elsewhere, and leaves generated code alone.</summary>
internal abstract class ModelAnalyzer : DiagnosticAnalyzer
{
    public sealed override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(start =>
        {
            if (ModelTypes.Find(start.Compilation) is { } types)
                Begin(start, types);
        });
    }

    /// <summary>Registers for the symbols or operations that it looks at, and no others.</summary>
    protected abstract void Begin(CompilationStartAnalysisContext start, ModelTypes types);
}
