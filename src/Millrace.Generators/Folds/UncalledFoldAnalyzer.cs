using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using Millrace.Generators.Analyzers;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Folds;

/// <summary>
/// Finds methods with the signature of a fold and a similar name, or extension methods with this signature, that
/// nothing in the assembly calls.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class UncalledFoldAnalyzer : ModelAnalyzer
{
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        [FoldDiagnostics.Misnamed, FoldDiagnostics.Extension];

    protected override bool ReadsGeneratedCode => true; // Generated code may call user code.

    protected override void Begin(CompilationStartAnalysisContext start, ModelTypes types)
    {
        var usage = new FoldUsage(types);
        start.RegisterSymbolAction(context => usage.Add((INamedTypeSymbol)context.Symbol), SymbolKind.NamedType);
        start.RegisterOperationAction(
            context => usage.AddCall(((IInvocationOperation)context.Operation).TargetMethod, context.ContainingSymbol),
            OperationKind.Invocation);
        start.RegisterOperationAction(
            context => usage.AddCall(((IMethodReferenceOperation)context.Operation).Method, context.ContainingSymbol),
            OperationKind.MethodReference);
        start.RegisterOperationAction(
            context => usage.AddDynamicCall(((IDynamicInvocationOperation)context.Operation).Operation),
            OperationKind.DynamicInvocation);
        start.RegisterCompilationEndAction(context =>
        {
            foreach (var diagnostic in usage.Diagnostics())
                context.ReportDiagnostic(diagnostic);
        });
    }

    private sealed class FoldUsage(ModelTypes types)
    {
        private readonly ConcurrentBag<INamedTypeSymbol> _foldingTypes = [];
        private readonly ConcurrentBag<IMethodSymbol> _extensions = [];

        // The key is the location, because a member of an extension block and its static method are two symbols at one
        // location.
        private readonly ConcurrentDictionary<Location, bool> _called = new();
        // The targets of dynamic calls are unknown.
        private readonly ConcurrentDictionary<string, bool> _calledByName = new();

        public void Add(INamedTypeSymbol type)
        {
            if (types.IsAggregate(type) || types.IsProjection(type) || types.IsDecider(type))
                _foldingTypes.Add(type);
            if (!type.IsStatic)
                return;
            foreach (var method in type.GetMembers().OfType<IMethodSymbol>())
            {
                if (method is { IsExtensionMethod: true, Parameters.Length: > 1 }
                    && FoldName.IsProbablyFold(method.Name)
                    && !(types.IsDecider(type) && method.Name == "Evolve"))
                {
                    _extensions.Add(method);
                }
            }
        }

        public void AddCall(IMethodSymbol called, ISymbol caller)
        {
            if (FoldName.IsProbablyFold(called.Name))
                _called.TryAdd((called.ReducedFrom ?? called).OriginalDefinition.Locations[0], true);
            if (called.Name == "Raise" && caller is IMethodSymbol { Locations: [var location, ..] })
                _called.TryAdd(location, true); // Other assemblies may call it.
        }

        public void AddDynamicCall(IOperation called)
        {
            if (called is IDynamicMemberReferenceOperation { MemberName: var name })
                _calledByName.TryAdd(name, true);
        }

        public IEnumerable<Diagnostic> Diagnostics()
        {
            var misnamed =
                from type in _foldingTypes
                from method in type.GetMembers().OfType<IMethodSymbol>()
                where method is { MethodKind: MethodKind.Ordinary, IsOverride: false, IsImplicitlyDeclared: false }
                where FoldName.IsProbablyFold(method.Name) && !IsCalled(method) && !ImplementsInterface(method)
                let name = NameFor(type, method)
                where name is not null && name != method.Name
                select Diagnostic.Create(
                    FoldDiagnostics.Misnamed, method.Locations[0], method.Name, type.Name, EventOf(method)?.Name, name);
            var extensions = _extensions.Where(method => !IsCalled(method)).Select(ReadExtension);
            return misnamed.Concat(extensions.OfType<Diagnostic>());
        }

        private bool IsCalled(IMethodSymbol method) =>
            _called.ContainsKey(method.OriginalDefinition.Locations[0]) || _calledByName.ContainsKey(method.Name);

        private ITypeSymbol? EventOf(IMethodSymbol method) => method.Parameters.Select(parameter => parameter.Type)
            .FirstOrDefault(type => types.IsEvent(type) || type.TypeKind == TypeKind.TypeParameter);

        private bool IsEvent(ITypeSymbol type) => types.IsEvent(type) || type.TypeKind == TypeKind.TypeParameter;

        /// <summary>
        /// Returns the name that a method with the parameters of a fold must have, or null for other parameters.
        /// </summary>
        private string? NameFor(INamedTypeSymbol type, IMethodSymbol method)
        {
            var parameters = method.Parameters.Select(parameter => parameter.Type).ToList();
            if (types.IsAggregate(type))
            {
                var isWhen = parameters is [var only] && IsEvent(only) && !method.IsStatic && method.ReturnsVoid;
                return isWhen ? "When" : null;
            }
            if (types.StateOf(type) is { } state)
            {
                var isEvolve = parameters is [var from, var folded] && Same(from, state) && IsEvent(folded)
                    && Same(method.ReturnType, state);
                return isEvolve ? "Evolve" : null;
            }
            return ModelTypes.DocumentOf(type) is { } document ? NameInProjection(method, parameters, document) : null;
        }

        private string? NameInProjection(IMethodSymbol method, List<ITypeSymbol> parameters, ITypeSymbol document)
        {
            if (parameters.Count > 1 && parameters[parameters.Count - 1].Is(MetadataNames.RecordedEvent))
                parameters.RemoveAt(parameters.Count - 1);
            var isApply = parameters is [.., var from, var folded] && parameters.Count <= 3 && Same(from, document)
                && IsEvent(folded) && Same(method.ReturnType, document);
            var isKey = parameters is [var only] && IsEvent(only) && !method.ReturnsVoid
                && (FoldName.IsSimilar(method.Name, "Key") || FoldName.IsSimilar(method.Name, "Keys"));
            return isKey ? "Key" : isApply ? "Apply" : null;
        }

        /// <summary>
        /// Returns the diagnostic for an extension method of an aggregate, a projection, a state or a document, or null
        /// if there is no problem.
        /// </summary>
        private Diagnostic? ReadExtension(IMethodSymbol method)
        {
            var @event = method.Parameters.Skip(1).Select(parameter => parameter.Type).FirstOrDefault(types.IsEvent);
            if (@event is null || FoldTargetOf(method, @event) is not (var written, { } owner))
                return null;
            return Diagnostic.Create(
                FoldDiagnostics.Extension, method.Locations[0], method.Name, @event.Name, written, owner.Name);
        }

        private (string Written, ITypeSymbol Owner)? FoldTargetOf(IMethodSymbol method, ITypeSymbol @event)
        {
            var receiver = method.Parameters[0].Type;
            if (types.IsAggregate(receiver))
                return ($"private void When({@event.Name} e)", receiver);
            if (types.IsProjection(receiver))
                return (FoldName.IsSimilar(method.Name, "Key") ? "static Key" : "static Apply", receiver);
            if (!Same(method.ReturnType, receiver))
                return null;
            if (_foldingTypes.FirstOrDefault(type => Same(types.StateOf(type), receiver)) is { } decider)
                return ("static Evolve", decider);
            var projection = _foldingTypes.FirstOrDefault(type => Same(ModelTypes.DocumentOf(type), receiver));
            return projection is null ? null : ("static Apply", projection);
        }

        private static bool ImplementsInterface(IMethodSymbol method) =>
            method.ContainingType.AllInterfaces
                .SelectMany(interfaceType => interfaceType.GetMembers(method.Name))
                .Any(member => Same(method.ContainingType.FindImplementationForInterfaceMember(member), method));

        private static bool Same(ISymbol? left, ISymbol? right) => SymbolEqualityComparer.Default.Equals(left, right);
    }
}
