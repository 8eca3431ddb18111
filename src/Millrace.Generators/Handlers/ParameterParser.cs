using Microsoft.CodeAnalysis;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Handlers;

/// <summary>Determines the source of each parameter of a handler.</summary>
/// <param name="message">The command or query.</param>
/// <param name="isQuery">True if the message is a query.</param>
/// <param name="problems">The list to which the parser adds diagnostics.</param>
/// <param name="state">The type of the state in a decider.</param>
internal sealed class ParameterParser(
    ITypeSymbol message, bool isQuery, List<DiagnosticInfo> problems, ITypeSymbol? state = null)
{
    private readonly List<IPropertySymbol> _members = [.. message.ReadableProperties()];

    public EquatableArray<HandlerParameter> Parse(IMethodSymbol method)
    {
        var parameters = new List<HandlerParameter>
        {
            new(method.Parameters[0].Name, message.FullName(), HandlerParameterKind.Message),
        };
        foreach (var parameter in method.Parameters.Skip(1))
        {
            if (parameter.Type.TypeKind != TypeKind.Error)
                parameters.Add(Parse(method, parameter));
        }
        return parameters.ToEquatable();
    }

    private HandlerParameter Parse(IMethodSymbol method, IParameterSymbol parameter)
    {
        var type = parameter.Type;
        var name = type.FullName();
        if (parameter.RefKind != RefKind.None)
            problems.Add(DiagnosticInfo.At(HandlerDiagnostics.ParameterByReference, parameter, parameter.Name));
        if (state is not null && Same(type, state))
            return new(parameter.Name, name, HandlerParameterKind.State);
        if (type.Is(MetadataNames.CancellationToken))
            return new(parameter.Name, name, HandlerParameterKind.CancellationToken);
        if (type.Is(isQuery ? MetadataNames.QueryContext : MetadataNames.CommandContext))
            return new(parameter.Name, name, HandlerParameterKind.Context);
        if (type.Is("System.IServiceProvider"))
            return new(parameter.Name, name, HandlerParameterKind.Services);
        if (type.Base(MetadataNames.Aggregate) is { TypeArguments: [var id] })
            return Aggregate(method, parameter, id);
        if (type.Is(MetadataNames.QueryContext) || type.Is(MetadataNames.CommandContext))
            problems.Add(
                DiagnosticInfo.At(
                    HandlerDiagnostics.WrongContext,
                    parameter,
                    type.Name,
                    isQuery ? "QueryContext" : "CommandContext"));
        if (new[] { MetadataNames.New, MetadataNames.OrNew, MetadataNames.From }.Any(attribute =>
                parameter.Attribute(attribute) is not null))
            problems.Add(DiagnosticInfo.At(HandlerDiagnostics.UnknownAggregate, parameter, type.Name));
        return new(
            parameter.Name,
            name,
            type.IsAnnotated() ? HandlerParameterKind.OptionalService : HandlerParameterKind.Service);
    }

    private HandlerParameter Aggregate(IMethodSymbol method, IParameterSymbol parameter, ITypeSymbol id)
    {
        if (isQuery)
            problems.Add(DiagnosticInfo.At(HandlerDiagnostics.QueryAggregate, parameter, parameter.Type.Name));
        else if (parameter.Type.Attribute(MetadataNames.Stream) is null)
            problems.Add(DiagnosticInfo.At(HandlerDiagnostics.UnknownAggregate, parameter, parameter.Type.Name));
        var form = parameter.Attribute(MetadataNames.New) is not null ? HandlerParameterKind.New
            : parameter.Attribute(MetadataNames.OrNew) is not null ? HandlerParameterKind.LoadOrNew
            : HandlerParameterKind.Load;
        return new(
            parameter.Name,
            parameter.Type.FullName(),
            form,
            id.FullName(),
            isQuery ? "" : Member(method, parameter, id),
            parameter.Type.Attribute(MetadataNames.Stream)?.Text());
    }

    /// <summary>
    /// Returns the member of the command that contains the id of the aggregate. It is the member that <c>[From]</c>
    /// names. Without <c>[From]</c>, it is the only member of the id's type, if the handler has one such aggregate.
    /// </summary>
    private string? Member(IMethodSymbol method, IParameterSymbol parameter, ITypeSymbol id)
    {
        var candidates = _members.Where(member => Same(member.Type, id)).ToList();
        if (parameter.Attribute(MetadataNames.From) is { } from)
        {
            if (candidates.Any(member => member.Name == from.Text()))
                return from.Text();
            problems.Add(
                DiagnosticInfo.At(
                    HandlerDiagnostics.FromMember,
                    parameter,
                    message.Name,
                    from.Text() ?? "",
                    id.Name,
                    Names(candidates)));
            return null;
        }
        var sameAggregates = method.Parameters.Count(other =>
            other.Attribute(MetadataNames.From) is null
            && other.Type.Base(MetadataNames.Aggregate) is { TypeArguments: [var otherId] }
            && Same(otherId, id)
            && Same(other.Type, parameter.Type));
        if (candidates.Count == 1 && sameAggregates == 1)
            return candidates[0].Name;
        problems.Add(
            candidates.Count == 0
                ? DiagnosticInfo.At(
                    HandlerDiagnostics.NoIdMember, parameter, message.Name, id.Name, parameter.Type.Name)
                : DiagnosticInfo.At(
                    HandlerDiagnostics.ManyIdMembers,
                    parameter,
                    message.Name,
                    id.Name,
                    parameter.Type.Name,
                    Names(candidates)));
        return null;
    }

    private static string Names(IEnumerable<IPropertySymbol> members) =>
        string.Join(", ", members.Select(member => member.Name));

    private static bool Same(ITypeSymbol left, ITypeSymbol right) => SymbolEqualityComparer.Default.Equals(left, right);
}
