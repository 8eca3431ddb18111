using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using Millrace.Generators.Analyzers;

namespace Millrace.Generators.Specifications;

/// <summary>
/// Finds tests that always pass. They have a When without a Then, histories without a check, or an asynchronous
/// specification that is not awaited. Lambdas are ignored, because tests often expect them to throw.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class SpecificationAnalyzer : ModelAnalyzer
{
    private static readonly ImmutableHashSet<string> TestAttributes =
        ["FactAttribute", "TheoryAttribute", "TestAttribute", "TestCaseAttribute", "TestMethodAttribute"];

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        [SpecificationDiagnostics.ExpectsNothing, SpecificationDiagnostics.NotRun];

    protected override void Begin(CompilationStartAnalysisContext start, ModelTypes types)
    {
        if (!SpecificationType.IsUsed(start.Compilation))
            return;
        start.RegisterOperationAction(AnalyzeStatement, OperationKind.ExpressionStatement);
        start.RegisterOperationBlockAction(AnalyzeVariables);
        start.RegisterOperationAction(AnalyzeReturn, OperationKind.Return);
    }

    private static void AnalyzeStatement(OperationAnalysisContext context)
    {
        if (!IsInLambda(context.Operation))
            Report(context.ReportDiagnostic, ((IExpressionStatementOperation)context.Operation).Operation);
    }

    /// <summary>Reports specifications in variables that the test does not read.</summary>
    private static void AnalyzeVariables(OperationBlockAnalysisContext context)
    {
        foreach (var block in context.OperationBlocks)
        {
            var all = block.Descendants().ToList();
            foreach (var declarator in all.OfType<IVariableDeclaratorOperation>())
            {
                var isRead = all.OfType<ILocalReferenceOperation>()
                    .Any(read => SymbolEqualityComparer.Default.Equals(read.Local, declarator.Symbol));
                if (!isRead && declarator.GetVariableInitializer()?.Value is { } value && !IsInLambda(declarator))
                    Report(context.ReportDiagnostic, value);
            }
        }
    }

    /// <summary>Reports a test that returns a specification, because test runners await only tasks.</summary>
    private static void AnalyzeReturn(OperationAnalysisContext context)
    {
        var isTest = context.ContainingSymbol.GetAttributes()
            .Any(attribute => attribute.AttributeClass is { } type && TestAttributes.Contains(type.Name));
        if (isTest
            && ((IReturnOperation)context.Operation).ReturnedValue is { } value
            && !IsInFunction(context.Operation)
            && value.Type is not INamedTypeSymbol { Name: "Task", Arity: 0 }
        )
            Report(context.ReportDiagnostic, value);
    }

    private static void Report(Action<Diagnostic> report, IOperation value)
    {
        while (value is IConversionOperation conversion)
            value = conversion.Operand;
        // An assignment, even to a discard, is intentional.
        if (value is not (IInvocationOperation or IAwaitOperation)
            || SpecificationType.MissingStepsOf(value) is not { } missing)
            return;
        var call = value is IAwaitOperation awaited ? awaited.Operation : value;
        if (SpecificationStatement.IsChained(call))
            return;
        var location = LocationOf(call.Syntax);
        report(missing.MustBeAwaited
            ? Diagnostic.Create(SpecificationDiagnostics.NotRun, location)
            : Finding.With(
                missing.Fix is { } fix ? [fix] : [],
                SpecificationDiagnostics.ExpectsNothing,
                location,
                call is IInvocationOperation called ? called.TargetMethod.Name : value.Type!.Name,
                missing.Expectation));
    }

    /// <summary>Returns the location of the name of the last call in a chain.</summary>
    private static Location LocationOf(SyntaxNode syntax) =>
        syntax is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax member }
            ? member.Name.GetLocation()
            : syntax.GetLocation();

    private static bool IsInLambda(IOperation operation) =>
        Ancestors(operation).Any(outer => outer is IAnonymousFunctionOperation);

    /// <summary>
    /// Returns true if an operation is in a nested function. The test itself uses the result of such a function.
    /// </summary>
    private static bool IsInFunction(IOperation operation) =>
        Ancestors(operation).Any(outer => outer is IAnonymousFunctionOperation or ILocalFunctionOperation);

    private static IEnumerable<IOperation> Ancestors(IOperation operation)
    {
        for (var parent = operation.Parent; parent is not null; parent = parent.Parent)
            yield return parent;
    }
}
