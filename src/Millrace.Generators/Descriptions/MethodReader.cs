using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Millrace.Generators.Analyzers;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Descriptions;

/// <summary>
/// Reads facts from method bodies. It uses symbols and not operations, because operations are invalid if they refer to
/// code that is not generated yet.
/// </summary>
internal sealed class MethodReader(Compilation compilation, ModelTypes types)
{
    private readonly Dictionary<SyntaxTree, SemanticModel> _models = [];

    public MethodFacts Read(IMethodSymbol method, CancellationToken cancellationToken)
    {
        var facts = new MethodFacts();
        foreach (var reference in method.DeclaringSyntaxReferences)
            Read(reference.GetSyntax(cancellationToken), facts);
        return facts;
    }

    /// <summary>Returns the facts of a piece of code.</summary>
    public MethodFacts Read(SyntaxNode code)
    {
        var facts = new MethodFacts();
        Read(code, facts);
        return facts;
    }

    private void Read(SyntaxNode code, MethodFacts facts)
    {
        var model = ModelOf(code.SyntaxTree);
        foreach (var node in Nodes(code))
        {
            switch (node)
            {
                case InvocationExpressionSyntax call:
                    ReadCall(model, call, facts);
                    break;
                case BaseObjectCreationExpressionSyntax creation:
                    ReadCreation(model, creation, facts);
                    break;
                case TypeSyntax type
                    when type.Parent
                        is DeclarationPatternSyntax
                            or TypePatternSyntax
                            or RecursivePatternSyntax
                            or CastExpressionSyntax
                            or BinaryExpressionSyntax { RawKind: (int)SyntaxKind.IsExpression }:
                    AddEvent(facts.Matches, model.GetTypeInfo(type).Type);
                    break;
                case ConstantPatternSyntax { Expression: TypeSyntax or MemberAccessExpressionSyntax } pattern:
                    AddEvent(facts.Matches, model.GetSymbolInfo(pattern.Expression).Symbol as ITypeSymbol);
                    break;
                case SimpleNameSyntax name when IsMethodGroup(name):
                    AddCalls(facts, MethodsOf(model, name));
                    break;
            }
        }
    }

    /// <summary>
    /// Returns the nodes of a piece of code. For a file with top-level statements, returns only the nodes of these
    /// statements.
    /// </summary>
    private static IEnumerable<SyntaxNode> Nodes(SyntaxNode code) => code is CompilationUnitSyntax unit
        ? unit.Members.OfType<GlobalStatementSyntax>().SelectMany(statement => statement.DescendantNodes())
        : code.DescendantNodesAndSelf();

    private void ReadCall(SemanticModel model, InvocationExpressionSyntax call, MethodFacts facts)
    {
        var methods = MethodsOf(model, call).ToList();
        AddCalls(facts, methods);
        foreach (var helper in methods.Where(method => method is { DeclaredAccessibility: Accessibility.Private }))
            facts.ConditionalCalls.Add(
                (helper.OriginalDefinition, RulePath.To(call) is { } path ? path.ToText() ?? "" : null));
        if (RuleConditions.Of(call) is { } condition)
            facts.Throws.AddRange(methods.Select(method => (method.OriginalDefinition, condition)));
        if (methods.FirstOrDefault(method => IsMillraceType(method.ContainingType)) is not { } called)
        {
            ReadUserRule(model, call, facts, methods);
            return;
        }
        var arguments = call.ArgumentList.Arguments;
        switch (called.ContainingType.Name, called.Name)
        {
            case ("Aggregate", "Raise") when arguments.Count == 1:
                foreach (var type in EventsIn(model, arguments[0].Expression))
                    facts.Raises.Add(type);
                break;
            case ("Aggregate", "Require") when arguments.Count == 3:
                AddRule(
                    model, facts, arguments[1].Expression, MessageOf(model, arguments[2].Expression),
                    RuleConditions.Of(call, arguments[0].Expression));
                break;
            case ("CommandContext", "Load" or "New" or "LoadOrNew") when called.TypeArguments is [var aggregate, ..]:
                facts.Loads.Add(new(aggregate, called.Name));
                break;
            case ("CommandContext" or "EventStore" or "AppendRequest", "Append" or "To" or "Decide"):
                facts.Appends = true;
                break;
            case ("CommandContext" or "AppendRequest", "OnlyIf") when arguments.Count == 1:
                facts.Conditions.Add(RuleConditions.Text(arguments[0].Expression));
                break;
            case ("Claim", "Acquire") when arguments.Count > 0 && TextOf(model, arguments[0].Expression) is { } scope:
                facts.Claims.Add(scope);
                break;
            case ("ICommandBus" or "CommandBus", "Send"):
                facts.Sends = true;
                break;
            case ("ConsumerDefinition", "Each" or "Batch")
            or ("MillraceBuilder", "AddConsumer") when arguments.Count == 3:
                AddConsumer(model, facts, arguments);
                break;
        }
    }

    private void ReadCreation(SemanticModel model, BaseObjectCreationExpressionSyntax creation, MethodFacts facts)
    {
        if (TypeOf(model, creation) is not { } type)
            return;
        AddEvent(facts.CreatedEvents, type);
        if (types.IsCommand(type))
            facts.Commands.Add(type);
        var isRefused =
            type.Is(MetadataNames.InvariantViolated) || type.Base(MetadataNames.InvariantViolated) is not null;
        if (!isRefused)
            return;
        if (creation.ArgumentList is { Arguments: [_, var rule, ..] arguments }
            && TextOf(model, rule.Expression) is not null)
            AddRule(model, facts, rule.Expression, MessageOf(model, type, arguments), RuleConditions.Of(creation));
        else if (BaseArguments(type) is [_, var ruleArgument, ..] baseArguments)
            AddRule(
                ModelOf(ruleArgument.SyntaxTree),
                facts,
                ruleArgument.Expression,
                BaseMessage(baseArguments),
                RuleConditions.Of(creation));
    }

    private string? BaseMessage(SeparatedSyntaxList<ArgumentSyntax> baseArguments) =>
        baseArguments.Count > 2
            ? MessageOf(ModelOf(baseArguments[2].SyntaxTree), baseArguments[2].Expression)
            : null;

    /// <summary>
    /// Returns the arguments that a custom exception passes to its base class. They contain the rule.
    /// </summary>
    private static SeparatedSyntaxList<ArgumentSyntax> BaseArguments(ITypeSymbol type)
    {
        if (type.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax() is not TypeDeclarationSyntax declared)
            return default;
        var primary = declared
            .BaseList?.Types.OfType<PrimaryConstructorBaseTypeSyntax>()
            .FirstOrDefault()
            ?.ArgumentList;
        var written = declared
            .Members.OfType<ConstructorDeclarationSyntax>()
            .FirstOrDefault()
            ?.Initializer?.ArgumentList;
        return (primary ?? written)?.Arguments ?? default;
    }

    private static ITypeSymbol? TypeOf(SemanticModel model, BaseObjectCreationExpressionSyntax creation) =>
        creation is ObjectCreationExpressionSyntax named ? model.GetSymbolInfo(named.Type).Symbol as ITypeSymbol
        : model.GetTypeInfo(creation) is { Type: { TypeKind: not TypeKind.Error } type } ? type
        : model.GetTypeInfo(creation).ConvertedType;

    /// <summary>
    /// Reads the name of a rule that is passed to the user's own method for checks. Such a method has a parameter named
    /// <c>rule</c> or <c>invariant</c>.
    /// </summary>
    private static void ReadUserRule(
        SemanticModel model, InvocationExpressionSyntax call, MethodFacts facts, List<IMethodSymbol> methods)
    {
        foreach (var parameter in methods.SelectMany(method => method.Parameters).Where(IsNameOfRule))
        {
            if (parameter.Ordinal < call.ArgumentList.Arguments.Count
                && TextOf(model, call.ArgumentList.Arguments[parameter.Ordinal].Expression) is { } name)
                facts.Rules.Add(new(name, null, AssertedCondition(call, parameter) ?? RuleConditions.Of(call)));
        }
    }

    /// <summary>
    /// Returns the condition that a call asserts. An attribute marks the parameter of a condition that must be true or
    /// false when the method returns.
    /// </summary>
    private static string? AssertedCondition(InvocationExpressionSyntax call, IParameterSymbol rule)
    {
        var asserting = ((IMethodSymbol)rule.ContainingSymbol).Parameters.FirstOrDefault(parameter =>
            parameter.Type.SpecialType == SpecialType.System_Boolean
            && parameter.Attribute(MetadataNames.DoesNotReturnIf) is not null);
        if (asserting is null || asserting.Ordinal >= call.ArgumentList.Arguments.Count)
            return null;
        var condition = call.ArgumentList.Arguments[asserting.Ordinal].Expression;
        // The parameter was selected by this attribute.
        var mustHold = asserting.Attribute(MetadataNames.DoesNotReturnIf)!.ConstructorArguments is [{ Value: false }];
        return RuleConditions.Of(call, condition, mustBeFalse: !mustHold);
    }

    private static bool IsNameOfRule(IParameterSymbol parameter) =>
        parameter is { Name: "invariant" or "rule", Type.SpecialType: SpecialType.System_String };

    private static void AddRule(
        SemanticModel model, MethodFacts facts, ExpressionSyntax name, string? message, string? condition)
    {
        if (TextOf(model, name) is { } text)
            facts.Rules.Add(new(text, message, condition));
    }

    /// <summary>Returns the message of an exception for a rule.</summary>
    private static string? MessageOf(
        SemanticModel model, ITypeSymbol type, SeparatedSyntaxList<ArgumentSyntax> arguments) =>
        arguments switch
        {
            [_, _, var message] when type.Is(MetadataNames.InvariantViolated) => MessageOf(model, message.Expression),
            [_, _, _, var requestedAction] => WrongStateMessageOf(model, requestedAction.Expression),
            _ => null,
        };

    /// <summary>Returns the message for an aggregate in a wrong state.</summary>
    private static string? WrongStateMessageOf(SemanticModel model, ExpressionSyntax requestedAction) =>
        TextOf(model, requestedAction) is { } text ? $"It can {text} only in some states." : null;

    /// <summary>
    /// Returns a constant string. For an interpolated string, the text contains the source text of its expressions.
    /// </summary>
    private static string? MessageOf(SemanticModel model, ExpressionSyntax message) => message switch
    {
        InterpolatedStringExpressionSyntax template => string.Concat(template.Contents.Select(part => part switch
        {
            InterpolatedStringTextSyntax text => text.TextToken.ValueText,
            InterpolationSyntax hole => $"{{{hole.Expression}}}",
            _ => "",
        })),
        _ => TextOf(model, message),
    };

    private void AddConsumer(SemanticModel model, MethodFacts facts, SeparatedSyntaxList<ArgumentSyntax> arguments)
    {
        if (TextOf(model, arguments[0].Expression) is not { } name)
            return;
        var filter = new FilterReader(model).Read(arguments[1].Expression);
        facts.Consumers.Add(new(name, filter.Types, filter.Streams, Read(arguments[2].Expression)));
    }

    private IEnumerable<ITypeSymbol> EventsIn(SemanticModel model, ExpressionSyntax code)
    {
        if (model.GetTypeInfo(code).Type is { } type && types.IsEvent(type))
            return [type];
        return code.DescendantNodesAndSelf().OfType<BaseObjectCreationExpressionSyntax>()
            .Select(creation => TypeOf(model, creation)).OfType<ITypeSymbol>().Where(types.IsEvent);
    }

    private void AddEvent(HashSet<ITypeSymbol> into, ITypeSymbol? type)
    {
        if (types.IsEvent(type))
            into.Add(type!); // An event is a type.
    }

    private void AddCalls(MethodFacts facts, IEnumerable<IMethodSymbol> methods)
    {
        facts.Calls.UnionWith(
            methods.Where(method =>
                SymbolEqualityComparer.Default.Equals(method.ContainingAssembly, compilation.Assembly)));
    }

    private static IEnumerable<IMethodSymbol> MethodsOf(SemanticModel model, ExpressionSyntax code)
    {
        var info = model.GetSymbolInfo(code);
        var found = info.Symbol is { } symbol ? [symbol] : info.CandidateSymbols;
        return found.OfType<IMethodSymbol>().Select(method => method.ReducedFrom is { } from
            ? method.TypeArguments.IsEmpty ? from : from.Construct([.. method.TypeArguments])
            : method);
    }

    /// <summary>Returns true for the name of a method that is passed as a delegate and not called.</summary>
    private static bool IsMethodGroup(SimpleNameSyntax name)
    {
        var expression =
            name.Parent is MemberAccessExpressionSyntax access && access.Name == name ? access : (ExpressionSyntax)name;
        return expression.Parent
            is ArgumentSyntax
                or EqualsValueClauseSyntax
                or AssignmentExpressionSyntax
                or ArrowExpressionClauseSyntax;
    }

    private static string? TextOf(SemanticModel model, ExpressionSyntax code) =>
        model.GetConstantValue(code) is { HasValue: true, Value: string text } ? text : null;

    private static bool IsMillraceType(INamedTypeSymbol? type) => type is { ContainingNamespace.Name: "Millrace" }
        && type.ContainingAssembly?.Name == "Millrace";

    private SemanticModel ModelOf(SyntaxTree tree)
    {
        if (!_models.TryGetValue(tree, out var model))
            _models[tree] = model = compilation.GetSemanticModel(tree);
        return model;
    }
}
