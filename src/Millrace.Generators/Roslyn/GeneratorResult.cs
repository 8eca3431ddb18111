using Microsoft.CodeAnalysis;
using Millrace.Generators.PartialTypes;

namespace Millrace.Generators.Roslyn;

/// <summary>
/// The result of a generator step, or the failure of the step. A failure is reported as an error at the type, and other
/// steps continue.
/// </summary>
/// <param name="Value">The result.</param>
/// <param name="Failure">The error, or null.</param>
internal sealed record GeneratorResult<T>(T? Value, DiagnosticInfo? Failure)
    where T : class;

/// <summary>Runs steps of the generator.</summary>
internal static class GeneratorResult
{
    /// <summary>Runs a step that works on a symbol or a node.</summary>
    /// <param name="subject">Returns the name of the symbol or node. It is called only after a failure.</param>
    /// <param name="location">The location of the symbol or node.</param>
    /// <param name="step">The step.</param>
    public static GeneratorResult<T> Run<T>(Func<string> subject, Location? location, Func<T?> step)
        where T : class
    {
        try
        {
            return new(step(), null);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            var arguments = new[] { subject(), exception.GetType().Name, exception.Message };
            return new(null, new(GenerationDiagnostics.Failed, LocationInfo.Of(location), arguments.ToEquatable()));
        }
    }

    /// <summary>Runs a step that adds source, and reports its failure.</summary>
    public static void Write(SourceProductionContext output, string subject, Action write)
    {
        try
        {
            write();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            output.ReportDiagnostic(Diagnostic.Create(
                GenerationDiagnostics.Failed, Location.None, subject, exception.GetType().Name, exception.Message));
        }
    }
}
