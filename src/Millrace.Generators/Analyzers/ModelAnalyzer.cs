using Microsoft.CodeAnalysis.Diagnostics;

namespace Millrace.Generators.Analyzers;

/// <summary>
/// An analyzer for code that uses Millrace. It does nothing in other compilations, and reports nothing in generated
/// code.
/// </summary>
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

    /// <summary>Gets whether the analyzer also analyzes generated code.</summary>
    protected virtual bool ReadsGeneratedCode => false;

    /// <summary>Registers actions only for the required symbols or operations.</summary>
    protected abstract void Begin(CompilationStartAnalysisContext start, ModelTypes types);
}
