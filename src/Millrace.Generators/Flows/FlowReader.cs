using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Millrace.Generators.Descriptions;

namespace Millrace.Generators.Flows;

/// <summary>
/// Follows data through the assembly's code by executing methods on flows. Like <see cref="MethodReader"/>, it uses
/// symbols and not operations, because other generated code does not exist yet.
/// </summary>
internal sealed class FlowReader
{
    // Code beyond these limits is treated as external. The limits bound the cost of a method, not the size of user
    // code.
    private const int MaxCallDepth = 12;
    private const int MaxNodes = 50_000;

    private readonly Compilation _compilation;
    private readonly CancellationToken _cancellationToken;
    private readonly Dictionary<SyntaxTree, SemanticModel> _models = [];
    private readonly List<ISymbol> _callStack = [];
    private int _nodes;

    public FlowReader(Compilation compilation, CancellationToken cancellationToken)
    {
        (_compilation, _cancellationToken) = (compilation, cancellationToken);
        Calls = new(this);
        Expressions = new(this);
        Statements = new(this);
        Targets = new(this);
    }

    public ExpressionFlow Expressions { get; }

    public StatementFlow Statements { get; }

    public CallFlow Calls { get; }

    public TargetFlow Targets { get; }

    /// <summary>Returns the flow of a method's result, or null if the source of the method is not available.</summary>
    public Flow? Run(IMethodSymbol method, FlowFrame frame)
    {
        var code = (method.PartialImplementationPart ?? method).DeclaringSyntaxReferences
            .Select(found => found.GetSyntax(_cancellationToken))
            .FirstOrDefault(found => BodyOf(found) is not null);
        return code is null ? null : RunCode(method, code, frame);
    }

    /// <summary>Returns the flow of the result of a method body or an expression body.</summary>
    public Flow? RunCode(ISymbol symbol, SyntaxNode code, FlowFrame frame)
    {
        if (_callStack.Count >= MaxCallDepth
            || _callStack.Contains(symbol, SymbolEqualityComparer.Default)
            || BodyOf(code) is not { } body)
            return null;
        _callStack.Add(symbol);
        try
        {
            if (body is ExpressionSyntax expression)
                return Expressions.Of(expression, frame);
            Statements.Run((StatementSyntax)body, frame);
            return frame.Result;
        }
        finally
        {
            _callStack.RemoveAt(_callStack.Count - 1);
        }
    }

    public SemanticModel ModelOf(SyntaxNode node)
    {
        if (!_models.TryGetValue(node.SyntaxTree, out var model))
            _models[node.SyntaxTree] = model = _compilation.GetSemanticModel(node.SyntaxTree);
        return model;
    }

    /// <summary>
    /// Returns the symbol of a name or a call. If the types of arguments are not generated yet, returns the most likely
    /// symbol.
    /// </summary>
    public ISymbol? SymbolOf(SyntaxNode node)
    {
        var info = ModelOf(node).GetSymbolInfo(node, _cancellationToken);
        return info.Symbol ?? info.CandidateSymbols.FirstOrDefault();
    }

    /// <summary>Starts a new analysis with the full limit.</summary>
    public void Restart() => _nodes = 0;

    /// <summary>Counts a node of the analyzed code. Returns false after the limit.</summary>
    public bool Step()
    {
        _cancellationToken.ThrowIfCancellationRequested();
        return ++_nodes <= MaxNodes;
    }

    private static SyntaxNode? BodyOf(SyntaxNode code) => code switch
    {
        BaseMethodDeclarationSyntax method => (SyntaxNode?)method.Body ?? method.ExpressionBody?.Expression,
        LocalFunctionStatementSyntax local => (SyntaxNode?)local.Body ?? local.ExpressionBody?.Expression,
        AccessorDeclarationSyntax accessor => (SyntaxNode?)accessor.Body ?? accessor.ExpressionBody?.Expression,
        AnonymousFunctionExpressionSyntax function => function.Body,
        ArrowExpressionClauseSyntax arrow => arrow.Expression,
        _ => null,
    };
}
