using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Millrace.Generators.Analyzers;
using Millrace.Generators.Flows;
using Millrace.Generators.Registration;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Descriptions;

/// <summary>
/// Describes the connections between the parts of a model that are unknown at run time: which method raises an event,
/// and which command calls the method.
/// </summary>
internal sealed class ModelDescriber
{
    // The names that identify code that appends, consumes or sends without a command.
    private static readonly HashSet<string> ModelMethodNames = new(StringComparer.Ordinal)
    {
        "Append",
        "To",
        "AddConsumer",
        "Each",
        "Batch",
        "Send",
    };

    private readonly Compilation _compilation;
    private readonly ModelTypes _types;
    private readonly MethodReader _reader;
    private readonly CallGraph _calls;
    private readonly JsonText _json = new();
    private readonly List<INamedTypeSymbol> _symbols;
    private readonly CancellationToken _cancellationToken;

    private ModelDescriber(Compilation compilation, ModelTypes types, CancellationToken cancellationToken)
    {
        (_compilation, _types, _cancellationToken) = (compilation, types, cancellationToken);
        _reader = new(compilation, types);
        _calls = new(_reader, cancellationToken);
        _symbols = [.. ModelMembers.Types(compilation.Assembly.GlobalNamespace, cancellationToken)];
    }

    /// <summary>Returns the description of an assembly's model as JSON, or null when Millrace is not used.</summary>
    public static string? Describe(
        TypeDeclaration model, Compilation compilation, CancellationToken cancellationToken) =>
        ModelTypes.Find(compilation) is { } types
            ? new ModelDescriber(compilation, types, cancellationToken).Describe(model)
            : null;

    private string Describe(TypeDeclaration model)
    {
        var handlers = Methods("Handle")
            .Where(method => _types.IsCommandHandler(method) || _types.IsQueryHandler(method))
            .ToList();
        var decides = Methods("Decide")
            .Where(method => _types.IsDecide(method) && method.Parameters.Length > 0)
            .ToList();
        var commands = handlers.Where(_types.IsCommandHandler).Concat(decides).ToList();
        var (state, handler) = (new StateDescriber(_types, _json), new HandlerDescriber(_calls, _types, _json));
        var processes = new ProcessDescriber(_compilation, _reader, _calls, _types, _json);
        var folds = new FoldDescriber(new FlowReader(_compilation, _cancellationToken), _types, _json);
        _json.Open()
            .Text("model", model.FullName.Replace("global::", "").Replace("@", ""))
            .Text("summary", Summary(model))
            .Each("events", Summarized(type => _types.IsEvent(type)), WriteSummary)
            .Each("aggregates", _symbols.Where(IsStream), new AggregateDescriber(_calls, _types, state, _json).Describe)
            .Each(
                "deciders",
                _symbols.Where(_types.IsDecider),
                new DeciderDescriber(_calls, _types, state, _json).Describe)
            .Each("commands", commands, handler.DescribeCommand)
            .Each("queries", handlers.Where(_types.IsQueryHandler), handler.DescribeQuery)
            .Each("projections", Summarized(_types.IsProjection), WriteSummary)
            .Each("processes", _symbols.Where(ProcessDescriber.IsProcess), processes.Describe)
            .Each(
                "folds",
                _symbols.Where(type => _types.IsProjection(type) || _types.IsKpi(type))
                    .SelectMany(type => FoldDescriber.FoldsOf(type, _types)),
                folds.Describe);
        WriteOthers(commands, handler);
        return _json.Close().ToString();
    }

    private bool IsStream(INamedTypeSymbol type) =>
        type.Attribute(MetadataNames.Stream) is not null && _types.IsAggregate(type);

    private string? Summary(TypeDeclaration model) =>
        _symbols.Find(type => type.FullName() == model.FullName) is { } found ? Comments.SummaryOf(found) : null;

    private IEnumerable<IMethodSymbol> Methods(string name) =>
        _symbols.SelectMany(type => type.GetMembers(name).OfType<IMethodSymbol>());

    private IEnumerable<(INamedTypeSymbol Type, string Summary)> Summarized(Func<INamedTypeSymbol, bool> isWanted) =>
        from type in _symbols
        where isWanted(type)
        let summary = Comments.SummaryOf(type)
        where summary is not null
        select (type, summary);

    private void WriteSummary((INamedTypeSymbol Type, string Summary) found) =>
        _json.Text("type", found.Type.DefinitionName()).Text("summary", found.Summary);

    /// <summary>Describes code outside of handlers that consumes events, appends them or sends commands.</summary>
    private void WriteOthers(List<IMethodSymbol> commands, HandlerDescriber handler)
    {
        var known = new HashSet<IMethodSymbol>(_calls.From(commands), SymbolEqualityComparer.Default);
        var others = CandidateMethods().Where(method => !known.Contains(method)).ToList();
        _json
            .Each(
                "consumers",
                others.SelectMany(method => _calls.Of(method).Consumers.Select(found => (method, found))),
                WriteConsumer)
            .Each(
                "others",
                others.Where(method => IsOther(_calls.Of(method))),
                method =>
                    _json
                        .Text("in", LocationOf(method))
                        .Texts("appends", handler.Appended([method]))
                        .Texts("sends", _calls.Of(method).Sends ? CommandsOf(_calls.Of(method), method) : []));
    }

    private static bool IsOther(MethodFacts facts) =>
        facts.Consumers.Count == 0 && ((facts.Appends && facts.CreatedEvents.Count > 0) || facts.Sends);

    private void WriteConsumer((IMethodSymbol In, ConsumerFact Fact) found)
    {
        var reached = _calls.From(found.Fact.Handler.Calls);
        var facts = reached.Select(_calls.Of).Prepend(found.Fact.Handler).ToList();
        _json.Text("name", found.Fact.Name)
            .Text("in", LocationOf(found.In))
            .Text("summary", Comments.SummaryOf(found.In))
            .Texts("types", found.Fact.Types)
            .Text("streams", found.Fact.Streams)
            .Texts("events", facts.SelectMany(fact => fact.Matches).Select(type => type.DefinitionName()).Distinct())
            .Texts("sends", facts.SelectMany(fact => fact.Commands).Select(type => type.DefinitionName()).Distinct());
    }

    private IEnumerable<string> CommandsOf(MethodFacts facts, IMethodSymbol method) => facts.Commands
        .Concat(_calls.From(method).Skip(1).Where(called => !_types.IsCommandHandler(called))
            .SelectMany(called => _calls.Of(called).Commands))
        .Select(type => type.DefinitionName()).Distinct();

    private static string LocationOf(IMethodSymbol method) =>
        method.ContainingType.IsImplicitlyDeclared || method.Name.StartsWith("<", StringComparison.Ordinal)
            ? "Program"
            : $"{method.ContainingType.DefinitionName()}.{method.Name}";

    /// <summary>
    /// Returns the methods, and the top-level statements, that use a name of <see cref="ModelMethodNames"/>.
    /// </summary>
    private IEnumerable<IMethodSymbol> CandidateMethods()
    {
        var found = new HashSet<IMethodSymbol>(SymbolEqualityComparer.Default);
        foreach (var tree in _compilation.SyntaxTrees)
        {
            var root = tree.GetRoot(_cancellationToken);
            var names = root.DescendantNodes()
                .OfType<SimpleNameSyntax>()
                .Where(name => ModelMethodNames.Contains(name.Identifier.ValueText))
                .ToList();
            if (names.Count == 0)
                continue;
            var model = _compilation.GetSemanticModel(tree);
            foreach (var name in names)
            {
                if (MethodAround(name, model) is { } method && found.Add(method))
                    yield return method;
            }
        }
    }

    private IMethodSymbol? MethodAround(SyntaxNode name, SemanticModel model)
    {
        var declaration = name.Ancestors()
            .FirstOrDefault(node => node is BaseMethodDeclarationSyntax or GlobalStatementSyntax);
        return declaration is GlobalStatementSyntax ? _compilation.GetEntryPoint(_cancellationToken)
            : declaration is null ? null
            : model.GetDeclaredSymbol(declaration, _cancellationToken) as IMethodSymbol;
    }
}
