using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Millrace.Generators.Analyzers;
using Millrace.Generators.Purity;
using Millrace.Generators.Roslyn;

namespace Millrace.CodeFixes;

/// <summary>A source of the time for a method.</summary>
/// <param name="Code">The expression, which returns a <c>TimeProvider</c> or a time.</param>
/// <param name="IsClock">True for a <c>TimeProvider</c>.</param>
/// <param name="NewParameter">The parameter to add, or null to add no parameter.</param>
internal sealed record DeterministicTimeSource(string Code, bool IsClock, ParameterSyntax? NewParameter = null)
{
    /// <summary>
    /// Searches the method's parameters, then the members of its type, and then the parameters that the fix can add.
    /// </summary>
    public static DeterministicTimeSource? Find(
        SemanticModel model, MethodDeclarationSyntax method, CancellationToken cancellationToken)
    {
        if (ModelTypes.Find(model.Compilation) is not { } types
            || model.GetDeclaredSymbol(method, cancellationToken) is not { } symbol)
            return null;
        return new RerunAnalysis(types).Of(symbol) switch
        {
            RerunTrigger.OnReplay => FromEvent(symbol, types),
            RerunTrigger.OnDecision or RerunTrigger.OnConflict =>
                FindAvailable(symbol, types) ?? NewHandlerParameter(symbol, types),
            _ => null,
        };
    }

    /// <summary>
    /// Returns the replacement for a nondeterministic expression, or null if there is no replacement.
    /// </summary>
    public string? ReplacementFor(string expression)
    {
        var (utc, local) = IsClock ? ($"{Code}.GetUtcNow()", $"{Code}.GetLocalNow()") : (Code, Code);
        return expression.Replace("System.", "").Replace("global::", "") switch
        {
            "DateTimeOffset.UtcNow" => utc,
            "DateTimeOffset.Now" => local,
            "DateTime.UtcNow" => $"{utc}.UtcDateTime",
            "DateTime.Now" => $"{local}.DateTime",
            "DateTime.Today" => $"{local}.Date",
            "Guid.NewGuid()" or "Guid.CreateVersion7()" when IsClock => $"Guid.CreateVersion7({utc})",
            _ => null,
        };
    }

    private static DeterministicTimeSource? FindAvailable(IMethodSymbol method, ModelTypes types)
    {
        var parameter = method.Parameters.FirstOrDefault(candidate => types.IsTimeProvider(candidate.Type));
        var member = method
            .ContainingType.GetMembers()
            .FirstOrDefault(candidate =>
                (candidate.IsStatic || !method.IsStatic)
                && candidate is IFieldSymbol { AssociatedSymbol: null } or IPropertySymbol
                && types.IsTimeProvider(TypeOf(candidate)));
        return parameter is not null ? new(parameter.Name, IsClock: true)
            : member is not null ? new(member.Name, IsClock: true)
            : null;
    }

    // A handler can get a TimeProvider as a parameter, because its parameters are resolved from the services.
    private static DeterministicTimeSource? NewHandlerParameter(IMethodSymbol method, ModelTypes types) =>
        types.IsCommandHandler(method) || types.IsDecide(method)
            ? new("time", IsClock: true, Parameters.Of("TimeProvider", "time"))
            : null;

    private static DeterministicTimeSource? FromEvent(IMethodSymbol method, ModelTypes types)
    {
        foreach (var parameter in method.Parameters)
        {
            if (parameter.Type.Is(MetadataNames.RecordedEvent))
                return new($"{parameter.Name}.Timestamp", IsClock: false);
            var times = types.IsEvent(parameter.Type)
                ? parameter
                    .Type.ReadableProperties()
                    .Where(property => property.Type.Is("System.DateTimeOffset"))
                    .ToList()
                : [];
            if (times is [var time])
                return new($"{parameter.Name}.{time.Name}", IsClock: false);
        }
        return types.IsProjection(method.ContainingType) && method.Name is "Key" or "Apply"
            ? new("recorded.Timestamp", IsClock: false, Parameters.Of("RecordedEvent", "recorded"))
            : null;
    }

    private static ITypeSymbol? TypeOf(ISymbol member) =>
        member is IFieldSymbol field ? field.Type : (member as IPropertySymbol)?.Type;
}
