using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using Millrace.Generators.Analyzers;
using Millrace.Generators.Json;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Registration;

/// <summary>Finds commands and queries without a handler, and handlers that are not registered.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class HandlerAnalyzer : ModelAnalyzer
{
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        [MembershipDiagnostics.HandlerNotStatic, MembershipDiagnostics.NoHandler];

    protected override void Begin(CompilationStartAnalysisContext start, ModelTypes types)
    {
        if (!ModelMembers.HasModel(start.Compilation, start.CancellationToken))
            return; // Another assembly may handle its messages.
        var messages = new ConcurrentBag<INamedTypeSymbol>();
        var handled = new ConcurrentDictionary<ITypeSymbol, bool>(SymbolEqualityComparer.Default);
        start.RegisterSymbolAction(
            context =>
            {
                var type = (INamedTypeSymbol)context.Symbol;
                if (IsMessage(type, types)
                    && type is { IsAbstract: false, IsGenericType: false, TypeKind: not TypeKind.Interface }
                )
                    messages.Add(type);
            },
            SymbolKind.NamedType);
        start.RegisterSymbolAction(
            context => AnalyzeMethod(context, (IMethodSymbol)context.Symbol, types, handled), SymbolKind.Method);
        start.RegisterOperationAction(
            context => RecordManualRegistration((IObjectCreationOperation)context.Operation, handled),
            OperationKind.ObjectCreation);
        start.RegisterOperationAction(
            context => RecordExternalHandler((IInvocationOperation)context.Operation, handled),
            OperationKind.Invocation);
        start.RegisterCompilationEndAction(context =>
        {
            foreach (
                var message in messages.Where(message => !handled.ContainsKey(message) && !IsListed(message, handled)))
            {
                var kind = types.IsCommand(message) ? "command" : "query";
                context.ReportDiagnostic(
                    Diagnostic.Create(MembershipDiagnostics.NoHandler, message.Locations[0], message.Name, kind));
            }
        });
    }

    /// <summary>
    /// Returns true if a base type lists the message and has a handler, which also handles the message.
    /// </summary>
    private static bool IsListed(INamedTypeSymbol message, ConcurrentDictionary<ITypeSymbol, bool> handled)
    {
        for (var level = message.BaseType; level is not null; level = level.BaseType)
        {
            if (handled.ContainsKey(level) && JsonDerivedTypes.Lists(level, message))
                return true;
        }
        return message.AllInterfaces.Any(interfaceType =>
            handled.ContainsKey(interfaceType) && JsonDerivedTypes.Lists(interfaceType, message));
    }

    private static bool IsMessage(ITypeSymbol type, ModelTypes types) => types.IsCommand(type) || types.IsQuery(type);

    private static void AnalyzeMethod(
        SymbolAnalysisContext context,
        IMethodSymbol method,
        ModelTypes types,
        ConcurrentDictionary<ITypeSymbol, bool> handled)
    {
        if (method.Name is not ("Handle" or "Decide")
            || method.Parameters.IsEmpty
            || !IsMessage(method.Parameters[0].Type, types))
            return;
        var message = method.Parameters[0].Type;
        handled.TryAdd(message, true); // Problems are reported once, at the method.
        if (method is { Name: "Handle", IsStatic: false, MethodKind: MethodKind.Ordinary } && !IsInherited(method))
            context.ReportDiagnostic(
                Diagnostic.Create(MembershipDiagnostics.HandlerNotStatic, method.Locations[0], message.Name));
    }

    /// <summary>
    /// Returns true if an interface or a base class declares the method, so that other code calls it.
    /// </summary>
    private static bool IsInherited(IMethodSymbol method) =>
        method.IsOverride
        || method.IsAbstract
        || method
            .ContainingType.AllInterfaces.SelectMany(interfaceType => interfaceType.GetMembers(method.Name))
            .Any(member =>
                SymbolEqualityComparer.Default.Equals(
                    method.ContainingType.FindImplementationForInterfaceMember(member), method));

    /// <summary>Records the messages that another service handles.</summary>
    private static void RecordExternalHandler(
        IInvocationOperation call, ConcurrentDictionary<ITypeSymbol, bool> handled)
    {
        if (call.TargetMethod is { Name: "Request", TypeArguments: [var message] } method
            && method.ContainingType.Is(MetadataNames.TransportBuilder))
        {
            handled.TryAdd(message, true);
        }
    }

    /// <summary>Records the message of a hand-written definition. The message is the first type argument.</summary>
    private static void RecordManualRegistration(
        IObjectCreationOperation creation, ConcurrentDictionary<ITypeSymbol, bool> handled)
    {
        if (creation.Type is INamedTypeSymbol { TypeArguments: [var message, _] } type
            && (type.Is(MetadataNames.CommandDefinition) || type.Is(MetadataNames.QueryDefinition)))
        {
            handled.TryAdd(message, true);
        }
    }
}
