using Microsoft.CodeAnalysis;
using Millrace.Generators.Handlers;
using Millrace.Generators.Json;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Deciders;

/// <summary>Parses the <c>Decide</c> methods of a decider. Each handles a command.</summary>
internal sealed class DecideParser(
    Compilation compilation,
    INamedTypeSymbol type,
    ITypeSymbol state,
    INamedTypeSymbol? id,
    List<DiagnosticInfo> problems)
{
    public IReadOnlyList<HandlerModel> Parse()
    {
        var handlers = new List<HandlerModel>();
        foreach (var decide in type.GetMembers("Decide").OfType<IMethodSymbol>())
        {
            var used = decide.Parameters.Select(parameter => parameter.Type).Append(decide.ReturnType);
            if (used.Any(found => found.TypeKind == TypeKind.Error))
                continue; // The compiler reports the error.
            if (Parse(decide) is { } handler)
                handlers.Add(handler);
            else
                problems.Add(DiagnosticInfo.At(Diagnostics.DecideShape, decide, type.Name, state.Display()));
        }
        return handlers;
    }

    private HandlerModel? Parse(IMethodSymbol decide)
    {
        var message = decide.Parameters.FirstOrDefault()?.Type;
        var states = decide.Parameters.Skip(1).Where(parameter => Same(parameter.Type, state)).ToList();
        var isPlainCommand =
            message?.Interface(MetadataNames.Command) is { TypeArguments: [var result] }
            && result.Is(MetadataNames.Nothing);
        if (!isPlainCommand
            || states is not [var onlyState]
            || ReturnOf(decide) is not { } returned
            || !decide.IsReachable(compilation))
            return null;
        var parameters = new ParameterParser(message!, isQuery: false, problems, state).Parse(decide)
            .Select(parameter =>
                parameter.Form == HandlerParameterKind.State ? StateOf(message!, onlyState) : parameter)
            .ToEquatable();
        return new(
            IsQuery: false,
            message!.FullName(),
            HandlerParser.NameOf(message!),
            "global::Millrace.Nothing",
            type.FullName(),
            parameters,
            returned,
            HandlerParser.HasValidate(type, message!, problems),
            JsonParser.Parse(compilation, message!, message!),
            JsonGraph.Empty,
            LocationInfo.Of(decide.Locations[0]),
            Problems: default,
            Warnings: default);
    }

    /// <summary>Parses the state parameter, with the command's member that contains the stream's id.</summary>
    private HandlerParameter StateOf(ITypeSymbol message, IParameterSymbol parameter)
    {
        var members = message.ReadableProperties().ToList();
        var fromName = parameter.Attribute(MetadataNames.From).Text();
        var candidates = members.Where(member => fromName is not null ? member.Name == fromName
            : id is not null ? Same(member.Type, id)
            : member.Type.Attribute(MetadataNames.Id) is not null).ToList();
        var idName = id?.Name ?? "id";
        if (candidates.Count != 1)
        {
            var names = string.Join(", ", (candidates.Count == 0 ? members : candidates).Select(member => member.Name));
            problems.Add(
                fromName is not null
                    ? DiagnosticInfo.At(HandlerDiagnostics.FromMember, parameter, message.Name, fromName, idName, names)
                : candidates.Count == 0
                    ? DiagnosticInfo.At(HandlerDiagnostics.NoIdMember, parameter, message.Name, idName, state.Display())
                : DiagnosticInfo.At(
                    HandlerDiagnostics.ManyIdMembers, parameter, message.Name, idName, state.Display(), names));
        }
        return new(
            parameter.Name,
            parameter.Type.FullName(),
            HandlerParameterKind.State,
            Member: candidates.FirstOrDefault()?.Name);
    }

    private HandlerReturn? ReturnOf(IMethodSymbol decide)
    {
        var returned = decide.ReturnType;
        if (returned.Attribute(MetadataNames.Event) is not null)
            return returned.IsAnnotated() ? HandlerReturn.EventOrNone : HandlerReturn.Event;
        var objects = compilation.GetSpecialType(SpecialType.System_Collections_Generic_IEnumerable_T)
            .Construct(compilation.GetSpecialType(SpecialType.System_Object));
        return compilation.HasImplicitConversion(returned, objects) ? HandlerReturn.Events : null;
    }

    private static bool Same(ITypeSymbol left, ITypeSymbol right) => SymbolEqualityComparer.Default.Equals(left, right);
}
