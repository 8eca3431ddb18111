using Microsoft.CodeAnalysis.Diagnostics;

namespace Millrace.Generators;

/// <summary>An analyzer of code that uses Millrace: it costs nothing elsewhere, and reports nothing in generated
/// code.</summary>
internal abstract class ModelAnalyzer : DiagnosticAnalyzer
{
    public sealed override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(
            ReadsGeneratedCode ? GeneratedCodeAnalysisFlags.Analyze : GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(start =>
        {
            if (ModelTypes.Find(start.Compilation) is { } types)
                Begin(start, types);
        });
    }

    /// <summary>Whether it looks at generated code as well.</summary>
    protected virtual bool ReadsGeneratedCode => false;

    /// <summary>Registers for the symbols or operations that it looks at, and no others.</summary>
    protected abstract void Begin(CompilationStartAnalysisContext start, ModelTypes types);
}
