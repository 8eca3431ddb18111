using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Millrace.Generators.Folds;
using Millrace.Generators.Json;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Handlers;

/// <summary>Parses static methods named <c>Handle</c> whose first parameter is a command or a query.</summary>
internal static class HandlerParser
{
    public static bool MayBe(SyntaxNode node) =>
        node is MethodDeclarationSyntax
        {
            Identifier.ValueText: "Handle",
            ParameterList.Parameters.Count: > 0,
        } method
        && method.Modifiers.Any(modifier => modifier.Text == "static");

    public static HandlerModel? Parse(GeneratorSyntaxContext context, CancellationToken cancellationToken)
    {
        if (context.SemanticModel.GetDeclaredSymbol(context.Node, cancellationToken) is not IMethodSymbol method)
            return null;
        var compilation = context.SemanticModel.Compilation;
        var message = method.Parameters[0].Type;
        if (message.TypeKind == TypeKind.Error)
            return null;
        var command = InterfaceOf(message, MetadataNames.Command);
        var query = InterfaceOf(message, MetadataNames.Query);
        var isCallable =
            method is
            { IsGenericMethod: false, ContainingType.IsGenericType: false, IsAbstract: false, IsVirtual: false };
        if (!isCallable && (command ?? query) is not null)
            return Invalid(method, DiagnosticInfo.At(InheritedFoldDiagnostics.HandlerGeneric, method, message.Name));
        if ((command ?? query) is { TypeArguments: [var result] })
            return Parse(context, method, message, result, isQuery: command is null);
        var takesAggregate =
            method.Parameters.Any(parameter => parameter.Type.Base(MetadataNames.Aggregate) is not null);
        return takesAggregate
            ? Invalid(method, DiagnosticInfo.At(HandlerDiagnostics.NoMessage, method, message.Name))
            : null;
    }

    /// <summary>
    /// Returns the interface of a message. For a type parameter, returns the interface of its constraints.
    /// </summary>
    private static INamedTypeSymbol? InterfaceOf(ITypeSymbol message, string name) =>
        message is ITypeParameterSymbol parameter
            ? parameter
                .ConstraintTypes.Select(constraint => constraint.Interface(name))
                .FirstOrDefault(static found => found is not null)
            : message.Interface(name);

    private static HandlerModel Parse(
        GeneratorSyntaxContext context, IMethodSymbol method, ITypeSymbol message, ITypeSymbol result, bool isQuery)
    {
        var compilation = context.SemanticModel.Compilation;
        var problems = new List<DiagnosticInfo>();
        if (!method.IsReachable(compilation) || !message.IsReachable(compilation))
            problems.Add(DiagnosticInfo.At(HandlerDiagnostics.Hidden, method, message.Name));
        var returned = ReturnOf(compilation, method, result);
        if (method is { IsAsync: true, ReturnsVoid: true })
            problems.Add(DiagnosticInfo.At(HandlerDiagnostics.AsyncVoid, method, message.Name));
        else if (returned is null && method.ReturnType.TypeKind != TypeKind.Error)
            problems.Add(
                DiagnosticInfo.At(
                    HandlerDiagnostics.Result, method, message.Name, result.Display(), method.ReturnType.Display()));
        var notAwaited = UnawaitedTaskFinder
            .In(context.SemanticModel, (MethodDeclarationSyntax)context.Node, method)
            .Select(task => new DiagnosticInfo(
                HandlerDiagnostics.NotAwaited,
                LocationInfo.Of(task.GetLocation()),
                new[] { message.Name, task.ToString() }.ToEquatable()));
        var parameters = new ParameterParser(message, isQuery, problems).Parse(method);
        return new(
            isQuery,
            message.FullName(),
            NameOf(message),
            result.FullName() + (result.IsReferenceType && result.IsAnnotated() ? "?" : ""),
            method.ContainingType.FullName(),
            parameters,
            returned ?? HandlerReturn.Value,
            !isQuery && HasValidate(method.ContainingType, message, problems),
            JsonParser.Parse(compilation, message, message),
            JsonParser.Parse(compilation, message, result),
            LocationInfo.Of(method.Locations[0]),
            problems.ToEquatable(),
            notAwaited.ToEquatable());
    }

    private static HandlerModel Invalid(IMethodSymbol method, DiagnosticInfo problem) => new(
        IsQuery: false,
        Message: "",
        Name: "",
        Result: "",
        Container: "",
        Parameters: default,
        HandlerReturn.Value,
        HasValidate: false,
        JsonGraph.Empty,
        JsonGraph.Empty,
        LocationInfo.Of(method.Locations[0]),
        new[] { problem }.ToEquatable(),
        Warnings: default);

    private static HandlerReturn? ReturnOf(Compilation compilation, IMethodSymbol method, ITypeSymbol result)
    {
        if (result.Is(MetadataNames.Nothing))
        {
            if (method.ReturnsVoid)
                return HandlerReturn.Nothing;
            if (method.ReturnType.Is(MetadataNames.Task) || method.ReturnType.Is(MetadataNames.ValueTask))
                return HandlerReturn.Task;
        }
        var isTask = method.ReturnType.Is(MetadataNames.TaskOf) || method.ReturnType.Is(MetadataNames.ValueTaskOf);
        if (isTask && method.ReturnType is INamedTypeSymbol { TypeArguments: [var awaited] })
            return compilation.HasImplicitConversion(awaited, result) ? HandlerReturn.TaskOfValue : null;
        return !method.ReturnsVoid && compilation.HasImplicitConversion(method.ReturnType, result)
            ? HandlerReturn.Value
            : null;
    }

    /// <summary>Returns the stable name of a command or query.</summary>
    public static string NameOf(ITypeSymbol message) =>
        message.Attribute(MetadataNames.MessageName).Text() ?? Casing.Kebab(message.Name);

    public static bool HasValidate(INamedTypeSymbol container, ITypeSymbol message, List<DiagnosticInfo> problems)
    {
        var levels = new List<INamedTypeSymbol>();
        for (INamedTypeSymbol? level = container; level is not null; level = level.BaseType)
            levels.Add(level);
        foreach (var validate in levels.SelectMany(level => level.GetMembers("Validate").OfType<IMethodSymbol>()))
        {
            if (validate.Parameters.Length == 0
                || !SymbolEqualityComparer.Default.Equals(validate.Parameters[0].Type, message))
                continue;
            var isValid =
                validate is { IsStatic: true, ReturnsVoid: true, IsGenericMethod: false }
                && validate.DeclaredAccessibility
                    is Accessibility.Public
                        or Accessibility.Internal
                        or Accessibility.ProtectedOrInternal
                && validate.Parameters is [_, { RefKind: RefKind.None } second]
                && second.Type.Is(MetadataNames.ValidationProblems);
            if (isValid)
                return true;
            problems.Add(
                DiagnosticInfo.At(HandlerDiagnostics.ValidateShape, validate.InSourceOr(container), message.Name));
        }
        return false;
    }
}
