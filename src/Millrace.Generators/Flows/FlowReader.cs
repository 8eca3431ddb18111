using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Millrace.Generators;

/// <summary>
/// Follows data through code as far as the assembly's own code goes: it runs methods on what their values are made of.
/// Like <see cref="MethodReader"/> it asks for symbols and not for operations, because other parts of the code are not
/// generated yet.
/// </summary>
internal sealed class FlowReader
{
    // Beyond these the code is taken for out of sight; they bound what one method costs, not what people write.
    private const int MaxCallDepth = 12;
    private const int MaxNodes = 50_000;

    private readonly Compilation _compilation;
    private readonly CancellationToken _cancellationToken;
    private readonly Dictionary<SyntaxTree, SemanticModel> _models = [];
    private readonly List<ISymbol> _calls = [];
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

    /// <summary>What a method returns when it is given these; null for what has no code in sight.</summary>
    public Flow? Run(IMethodSymbol method, FlowFrame frame)
    {
        var code = (method.PartialImplementationPart ?? method).DeclaringSyntaxReferences
            .Select(found => found.GetSyntax(_cancellationToken))
            .FirstOrDefault(found => BodyOf(found) is not null);
        return code is null ? null : RunCode(method, code, frame);
    }

    /// <summary>What a piece of code gives that stands for a method: its body or its expression.</summary>
    public Flow? RunCode(ISymbol of, SyntaxNode code, FlowFrame frame)
    {
        if (_calls.Count >= MaxCallDepth
            || _calls.Contains(of, SymbolEqualityComparer.Default)
            || BodyOf(code) is not { } body)
            return null;
        _calls.Add(of);
        try
        {
            if (body is ExpressionSyntax expression)
                return Expressions.Of(expression, frame);
            Statements.Run((StatementSyntax)body, frame);
            return frame.Result;
        }
        finally
        {
            _calls.RemoveAt(_calls.Count - 1);
        }
    }

    public SemanticModel ModelOf(SyntaxNode node)
    {
        if (!_models.TryGetValue(node.SyntaxTree, out var model))
            _models[node.SyntaxTree] = model = _compilation.GetSemanticModel(node.SyntaxTree);
        return model;
    }

    /// <summary>What a name or call means; the likeliest where arguments are of types that are not generated
    /// yet.</summary>
    public ISymbol? SymbolOf(SyntaxNode node)
    {
        var info = ModelOf(node).GetSymbolInfo(node, _cancellationToken);
        return info.Symbol ?? info.CandidateSymbols.FirstOrDefault();
    }

    /// <summary>Begins a new piece of work, with all of its bound.</summary>
    public void Restart() => _nodes = 0;

    /// <summary>Whether there is anything left of the bound.</summary>
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
