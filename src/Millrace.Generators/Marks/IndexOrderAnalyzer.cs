using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using Millrace.Generators.Analyzers;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Marks;

/// <summary>
/// Finds queries of a read model that sort by a marked member, or compare it for another relation than equality.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class IndexOrderAnalyzer : ModelAnalyzer
{
    private const int LastEquality = 1; // The values of Comparison.Equal and NotEqual are 0 and 1.

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [MarkDiagnostics.IndexOrder];

    protected override void Begin(CompilationStartAnalysisContext start, ModelTypes types) =>
        start.RegisterOperationAction(
            context =>
            {
                var call = (IInvocationOperation)context.Operation;
                if (call.TargetMethod.Name is not ("Query" or "Count") || DocumentOf(call) is not { } document)
                    return;
                var members = HashedMembers(document);
                if (members.Count == 0)
                    return;
                foreach (var operation in call.Arguments.SelectMany(argument => PartsOf(argument.Value)))
                {
                    if (Find(operation) is { } found && members.TryGetValue(found.Field, out var name))
                        context.ReportDiagnostic(Diagnostic.Create(
                            MarkDiagnostics.IndexOrder,
                            found.Syntax.GetLocation(),
                            name,
                            document.Name,
                            found.Problem));
                }
            },
            OperationKind.Invocation);

    /// <summary>Returns the document type of the read model that a call queries, or null for another call.</summary>
    private static INamedTypeSymbol? DocumentOf(IInvocationOperation call)
    {
        var first = call.Instance ?? (call.Arguments.Length > 0 ? call.Arguments[0].Value : null);
        while (first is IConversionOperation conversion)
            first = conversion.Operand;
        var candidates = new[] { first?.Type, call.TargetMethod.ContainingType }
            .OfType<INamedTypeSymbol>()
            .SelectMany(type => type.AllInterfaces.Insert(0, type));
        var model = candidates.FirstOrDefault(type => type.Is(MetadataNames.ReadModel));
        return model is { TypeArguments: [_, INamedTypeSymbol document] } ? document : null;
    }

    /// <summary>
    /// Returns the names of the marked and indexed members of a document, by the names of the fields.
    /// </summary>
    private static Dictionary<string, string> HashedMembers(ITypeSymbol document)
    {
        var members = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var level = document; level is not null; level = level.BaseType)
        {
            foreach (var property in level.GetMembers().OfType<IPropertySymbol>())
            {
                if (MarkParser.IsMarked(property) && MarkParser.IsIndexed(property))
                    members[Casing.Camel(property.Name)] = property.Name;
            }
        }
        return members;
    }

    /// <summary>Returns the operations of an argument. A local variable has those of its initial value.</summary>
    private static IEnumerable<IOperation> PartsOf(IOperation argument)
    {
        foreach (var operation in argument.DescendantsAndSelf())
        {
            yield return operation;
            if (operation is not ILocalReferenceOperation reference || InitialValue(reference) is not { } value)
                continue;
            foreach (var part in value.DescendantsAndSelf())
                yield return part;
        }
    }

    private static IOperation? InitialValue(ILocalReferenceOperation reference)
    {
        IOperation root = reference;
        while (root.Parent is { } parent)
            root = parent;
        return root.Descendants()
            .OfType<IVariableDeclaratorOperation>()
            .FirstOrDefault(found => SymbolEqualityComparer.Default.Equals(found.Symbol, reference.Local))
            ?.GetVariableInitializer()
            ?.Value;
    }

    private static (string Field, SyntaxNode Syntax, string Problem)? Find(IOperation operation) => operation switch
    {
        ISimpleAssignmentOperation
        {
            Target: IPropertyReferenceOperation { Property: { Name: "OrderBy", ContainingType: var query } },
            Value: { ConstantValue: { HasValue: true, Value: string field }, Syntax: var syntax },
        } when query.Is(MetadataNames.ReadQuery) =>
            (field, syntax, "documents cannot be sorted by it, so sort by another member"),
        IObjectCreationOperation { Arguments: var arguments, Type: var type, Syntax: var syntax }
            when type.Is(MetadataNames.FieldCondition)
            && ArgumentOf(arguments, "Field") is string field
            && ArgumentOf(arguments, "Comparison") is int comparison
            && comparison > LastEquality =>
            (field, syntax, "compare it with Equal or NotEqual"),
        _ => null,
    };

    private static object? ArgumentOf(ImmutableArray<IArgumentOperation> arguments, string name)
    {
        var argument = arguments.FirstOrDefault(argument => argument.Parameter?.Name == name);
        return argument?.Value.ConstantValue is { HasValue: true, Value: var value } ? value : null;
    }
}
