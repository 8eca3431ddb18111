using Microsoft.CodeAnalysis;

namespace Millrace.Generators;

/// <summary>Decides what each parameter of a handler is given.</summary>
/// <param name="message">The command or query.</param>
/// <param name="isQuery">Whether it is a query.</param>
/// <param name="problems">Takes what is wrong.</param>
/// <param name="state">The type of a decider's state, when it decides.</param>
internal sealed class ParameterParser(ITypeSymbol message, bool isQuery, List<DiagnosticInfo> problems, ITypeSymbol? state = null)
{
    private readonly List<IPropertySymbol> _members = [.. message.ReadableProperties()];

    public EquatableArray<HandlerParameter> Parse(IMethodSymbol method)
    {
        var parameters = new List<HandlerParameter> { new(method.Parameters[0].Name, message.FullName(), ParameterForm.Message) };
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
            problems.Add(DiagnosticInfo.At(Diagnostics.ParameterByReference, parameter, parameter.Name));
        if (state is not null && Same(type, state))
            return new(parameter.Name, name, ParameterForm.State);
        if (type.Is(Known.CancellationToken))
            return new(parameter.Name, name, ParameterForm.CancellationToken);
        if (type.Is(isQuery ? Known.QueryContext : Known.CommandContext))
            return new(parameter.Name, name, ParameterForm.Context);
        if (type.Is("System.IServiceProvider"))
            return new(parameter.Name, name, ParameterForm.Services);
        if (type.Base(Known.Aggregate) is { TypeArguments: [var id] })
            return Aggregate(method, parameter, id);
        if (type.Is(Known.QueryContext) || type.Is(Known.CommandContext))
            problems.Add(DiagnosticInfo.At(Diagnostics.WrongContext, parameter, type.Name, isQuery ? "QueryContext" : "CommandContext"));
        if (new[] { Known.New, Known.OrNew, Known.From }.Any(mark => parameter.Attribute(mark) is not null))
            problems.Add(DiagnosticInfo.At(Diagnostics.UnknownAggregate, parameter, type.Name));
        return new(parameter.Name, name, type.IsAnnotated() ? ParameterForm.OptionalService : ParameterForm.Service);
    }

    private HandlerParameter Aggregate(IMethodSymbol method, IParameterSymbol parameter, ITypeSymbol id)
    {
        if (isQuery)
            problems.Add(DiagnosticInfo.At(Diagnostics.QueryAggregate, parameter, parameter.Type.Name));
        else if (parameter.Type.Attribute(Known.Stream) is null)
            problems.Add(DiagnosticInfo.At(Diagnostics.UnknownAggregate, parameter, parameter.Type.Name));
        var form = parameter.Attribute(Known.New) is not null ? ParameterForm.New
            : parameter.Attribute(Known.OrNew) is not null ? ParameterForm.LoadOrNew
            : ParameterForm.Load;
        return new(parameter.Name, parameter.Type.FullName(), form, id.FullName(), isQuery ? "" : Member(method, parameter, id));
    }

    /// <summary>The command's member that holds the id: named, or the only one of its type where one aggregate is looked for.</summary>
    private string? Member(IMethodSymbol method, IParameterSymbol parameter, ITypeSymbol id)
    {
        var fitting = _members.Where(member => Same(member.Type, id)).ToList();
        if (parameter.Attribute(Known.From) is { } from)
        {
            if (fitting.Any(member => member.Name == from.Text()))
                return from.Text();
            problems.Add(DiagnosticInfo.At(Diagnostics.FromMember, parameter, message.Name, from.Text() ?? "", id.Name, Names(fitting)));
            return null;
        }
        var seekers = method.Parameters.Count(other =>
            other.Attribute(Known.From) is null && other.Type.Base(Known.Aggregate) is { TypeArguments: [var otherId] }
            && Same(otherId, id) && Same(other.Type, parameter.Type));
        if (fitting.Count == 1 && seekers == 1)
            return fitting[0].Name;
        problems.Add(fitting.Count == 0
            ? DiagnosticInfo.At(Diagnostics.NoIdMember, parameter, message.Name, id.Name, parameter.Type.Name)
            : DiagnosticInfo.At(Diagnostics.ManyIdMembers, parameter, message.Name, id.Name, parameter.Type.Name, Names(fitting)));
        return null;
    }

    private static string Names(IEnumerable<IPropertySymbol> members) => string.Join(", ", members.Select(member => member.Name));

    private static bool Same(ITypeSymbol left, ITypeSymbol right) => SymbolEqualityComparer.Default.Equals(left, right);
}
