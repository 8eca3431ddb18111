using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Millrace.Generators;

namespace Millrace.CodeFixes;

/// <summary>A source of the time for a method.</summary>
/// <param name="Code">The expression: a <c>TimeProvider</c>, or a time.</param>
/// <param name="IsClock">True for a <c>TimeProvider</c>.</param>
/// <param name="NewParameter">The parameter to add, or null.</param>
internal sealed record DeterministicTimeSource(string Code, bool IsClock, ParameterSyntax? NewParameter = null)
{
    /// <summary>Searches the parameters, the type's members, and then the possible new parameters.</summary>
    public static DeterministicTimeSource? Find(
        SemanticModel model, MethodDeclarationSyntax method, CancellationToken cancellationToken)
    {
        if (ModelTypes.Find(model.Compilation) is not { } types
            || model.GetDeclaredSymbol(method, cancellationToken) is not { } symbol)
            return null;
        return new RerunAnalysis(types).Of(symbol) switch
        {
            RerunTrigger.OnReplay => OfEvent(symbol, types),
            RerunTrigger.OnDecision or RerunTrigger.OnConflict => AtHand(symbol, types) ?? Asked(symbol, types),
            _ => null,
        };
    }

    /// <summary>Returns the replacement for a nondeterministic expression, or null.</summary>
    public string? Instead(string unsteady)
    {
        var (utc, local) = IsClock ? ($"{Code}.GetUtcNow()", $"{Code}.GetLocalNow()") : (Code, Code);
        return unsteady.Replace("System.", "").Replace("global::", "") switch
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

    private static DeterministicTimeSource? AtHand(IMethodSymbol method, ModelTypes types)
    {
        var parameter = method.Parameters.FirstOrDefault(one => types.IsTimeProvider(one.Type));
        var member = method
            .ContainingType.GetMembers()
            .FirstOrDefault(one =>
                (one.IsStatic || !method.IsStatic)
                && one is IFieldSymbol { AssociatedSymbol: null } or IPropertySymbol
                && types.IsTimeProvider(TypeOf(one)));
        return parameter is not null ? new(parameter.Name, IsClock: true)
            : member is not null ? new(member.Name, IsClock: true)
            : null;
    }

    // Parameters of handlers are resolved from the services, which include the time.
    private static DeterministicTimeSource? Asked(IMethodSymbol method, ModelTypes types) =>
        types.IsCommandHandler(method) || types.IsDecide(method)
            ? new("time", IsClock: true, Parameters.Of("TimeProvider", "time"))
            : null;

    private static DeterministicTimeSource? OfEvent(IMethodSymbol method, ModelTypes types)
    {
        foreach (var parameter in method.Parameters)
        {
            if (parameter.Type.Is(MetadataNames.RecordedEvent))
                return new($"{parameter.Name}.Timestamp", IsClock: false);
            var moments = types.IsEvent(parameter.Type)
                ? parameter
                    .Type.ReadableProperties()
                    .Where(property => property.Type.Is("System.DateTimeOffset"))
                    .ToList()
                : [];
            if (moments is [var moment])
                return new($"{parameter.Name}.{moment.Name}", IsClock: false);
        }
        return types.IsProjection(method.ContainingType) && method.Name is "Key" or "Apply"
            ? new("recorded.Timestamp", IsClock: false, Parameters.Of("RecordedEvent", "recorded"))
            : null;
    }

    private static ITypeSymbol? TypeOf(ISymbol member) =>
        member is IFieldSymbol field ? field.Type : (member as IPropertySymbol)?.Type;
}
