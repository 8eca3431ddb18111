using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Millrace.Generators.Analyzers;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Descriptions;

/// <summary>Describes the facts of processes that are unknown at run time: the command that each step sends.</summary>
internal sealed class ProcessDescriber(
    Compilation compilation, MethodReader reader, CallGraph calls, ModelTypes types, JsonText json)
{
    public static bool IsProcess(INamedTypeSymbol type) =>
        type.Attribute(MetadataNames.Process) is not null && type.Base(MetadataNames.ProcessBase) is not null;

    public void Describe(INamedTypeSymbol process) => json
        .Text("type", process.DefinitionName())
        .Text("summary", Comments.SummaryOf(process))
        .Each("steps", StepsOf(process), step => json
            .Text("name", step.Name)
            .Texts("sends", CommandsIn(step.Command))
            .Texts("undoneBy", step.Undo is null ? [] : CommandsIn(step.Undo)));

    /// <summary>Returns the steps with a known name in source order, including those in groups and branches.</summary>
    private IEnumerable<(string Name, ExpressionSyntax Command, ExpressionSyntax? Undo)> StepsOf(
        INamedTypeSymbol process) =>
        from define in process.GetMembers("Define").OfType<IMethodSymbol>()
        from reference in define.DeclaringSyntaxReferences
        let code = reference.GetSyntax()
        from call in code.DescendantNodes().OfType<InvocationExpressionSyntax>()
        where call.Expression is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Step" }
        let arguments = call.ArgumentList.Arguments
        where arguments.Count is 2 or 3
        let name = compilation.GetSemanticModel(code.SyntaxTree).GetConstantValue(arguments[0].Expression).Value
            as string
        where name is not null
        orderby call.ArgumentList.SpanStart
        select (name, arguments[1].Expression, arguments.Count == 3 ? arguments[2].Expression : null);

    /// <summary>Returns the commands that a function creates, directly or in called methods.</summary>
    private IEnumerable<string> CommandsIn(ExpressionSyntax function)
    {
        var facts = reader.Read(function);
        return facts.Commands.Concat(calls.From(facts.Calls).SelectMany(method => calls.Of(method).Commands))
            .Where(types.IsCommand).Select(type => type.DefinitionName()).Distinct();
    }
}
