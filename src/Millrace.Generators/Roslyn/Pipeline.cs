using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Millrace.Generators.Roslyn;

/// <summary>
/// The common steps of all concerns: find, report and write. No step throws, because Roslyn would then stop the whole
/// generator.
/// </summary>
internal static class Pipeline
{
    /// <summary>Parses each symbol with an attribute.</summary>
    public static IncrementalValuesProvider<T> Attributed<T>(
        this IncrementalGeneratorInitializationContext context,
        string attribute,
        Func<GeneratorAttributeSyntaxContext, T?> parse)
        where T : class =>
        context.Values(
            context.SyntaxProvider.ForAttributeWithMetadataName(
                attribute,
                static (_, _) => true,
                (found, _) =>
                    GeneratorResult.Run(
                        () => found.TargetSymbol.ToDisplayString(), found.TargetNode.GetLocation(), () => parse(found)))
        );

    /// <summary>Parses each candidate node.</summary>
    public static IncrementalValuesProvider<T> Nodes<T>(
        this IncrementalGeneratorInitializationContext context,
        Func<SyntaxNode, bool> mayBe,
        Func<GeneratorSyntaxContext, CancellationToken, T?> parse)
        where T : class => context.Values(context.SyntaxProvider.CreateSyntaxProvider(
            (node, _) => mayBe(node),
            (found, cancellation) => GeneratorResult.Run(
                () => found.SemanticModel.GetDeclaredSymbol(found.Node, cancellation)?.ToDisplayString() ?? "this",
                found.Node.GetLocation(),
                () => parse(found, cancellation))));

    /// <summary>Reports the diagnostics of each item.</summary>
    public static void Report<T>(
        this IncrementalGeneratorInitializationContext context,
        IncrementalValuesProvider<T> items,
        Func<T, IEnumerable<DiagnosticInfo>> problems) =>
        context.Report(items.SelectMany((item, _) => problems(item)));

    /// <summary>
    /// Reports diagnostics at locations in the current syntax trees, so that a pragma or an .editorconfig applies.
    /// Generated code does not depend on the trees. If there are no diagnostics, no step runs again.
    /// </summary>
    public static void Report(
        this IncrementalGeneratorInitializationContext context, IncrementalValuesProvider<DiagnosticInfo> problems) =>
        context.RegisterSourceOutput(
            problems.Combine(context.CompilationProvider),
            static (output, found) => output.ReportDiagnostic(found.Left.ToDiagnostic(found.Right)));

    /// <summary>Writes a file for each type.</summary>
    public static void Write<T>(
        this IncrementalGeneratorInitializationContext context,
        IncrementalValuesProvider<T> items,
        IncrementalValueProvider<EquatableArray<string>> shared,
        Func<T, (TypeDeclaration Type, string Concern)> nameOf,
        Func<T, SourceText> emit) =>
        context.RegisterSourceOutput(
            items.Combine(shared),
            (output, found) =>
            {
                var (type, concern) = nameOf(found.Left);
                GeneratorResult.Write(
                    output, type.Name, () => output.AddSource(type.FileName(concern, found.Right), emit(found.Left)));
            }
        );

    private static IncrementalValuesProvider<T> Values<T>(
        this IncrementalGeneratorInitializationContext context, IncrementalValuesProvider<GeneratorResult<T>> attempts)
        where T : class
    {
        context.Report(
            attempts
                .Where(static attempt => attempt.Failure is not null)
                .Select(static (attempt, _) => attempt.Failure!));
        return attempts
            .Where(static attempt => attempt.Value is not null)
            .Select(static (attempt, _) => attempt.Value!);
    }
}
