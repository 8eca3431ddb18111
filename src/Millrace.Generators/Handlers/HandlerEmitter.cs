using Microsoft.CodeAnalysis.Text;
using Millrace.Generators.Json;
using Millrace.Generators.Marks;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Handlers;

/// <summary>
/// Writes the registration of commands or queries, and the methods that resolve the parameters of their handlers.
/// </summary>
internal sealed class HandlerEmitter(TypeDeclaration model, bool isQuery)
{
    private static readonly HashSet<string> ReservedNames =
        new(StringComparer.Ordinal) { "command", "query", "context", "cancellationToken", "decided" };

    private const string Dependencies =
        "global::Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions";

    private readonly CodeWriter _code = new();
    private readonly JsonNames _names = new(model);

    private string Kind => isQuery ? "Query" : "Command";

    private string Message => isQuery ? "query" : "command";

    /// <param name="handlers">The handlers.</param>
    /// <param name="marked">The marked members of messages that are registered with these handlers.</param>
    public SourceText Emit(IReadOnlyList<HandlerModel> handlers, IReadOnlyList<MarkedType> marked)
    {
        var kinds = isQuery ? "Queries" : "Commands";
        _code.OpenType(model).Open($"private static void Register{kinds}(global::Millrace.ModelBuilder model)");
        foreach (var handler in handlers)
            WriteRegistration(handler);
        MarkEmitter.WriteMessages(_code, marked);
        _code.Close();
        foreach (var handler in handlers.Where(handler => !handler.IsPlain))
            WriteMethod(handler);
        return _code.CloseType(model).ToSource();
    }

    private void WriteRegistration(HandlerModel handler)
    {
        var handle = handler.IsPlain ? Plain(handler) : MethodName(handler);
        var definition = $"global::Millrace.{Kind}Definition<{handler.Message}, {handler.Result}>";
        var start = $"model.{Kind}(new {definition}({handler.Name.Literal()}, {handle})";
        _code.Line(start).Line("{");
        if (handler.HasValidate)
            _code.Inner($"Validate = {handler.Container}.Validate,");
        if (handler.DerivedTypes.Any())
            _code.Inner(
                $"DerivedTypes = [{string.Join(", ", handler.DerivedTypes.Select(type => $"typeof({type})"))}],");
        if (!isQuery && handler.ResultJson.Root is not null)
            _code.Inner($"ResultJson = JsonTypes.Of<{handler.Result}>(),");
        if (handler.Target is { } target)
            _code.Inner(
                $"Target = static command => global::Millrace.StreamId.For({CategoryOf(handler, target)}, "
                    + $"command.{Member(target)}),");
        _code.Line("});");
    }

    private static string CategoryOf(HandlerModel handler, HandlerParameter target) => target.IsAggregate
        ? (target.Category ?? "").Literal()
        : $"{handler.Container}.Decider.Category";

    private static string Plain(HandlerModel handler)
    {
        var call = $"{handler.Container}.Handle(command)";
        return handler.Return == HandlerReturn.Value
            ? $"static command => {call}"
            : $"static command => {{ {call}; return default(global::Millrace.Nothing); }}";
    }

    private void WriteMethod(HandlerModel handler)
    {
        var result = $"global::System.Threading.Tasks.ValueTask<{handler.Result}>";
        _code.Line()
            .Line($"private static {(handler.IsAsynchronous ? "async " : "")}{result} {MethodName(handler)}(")
            .Inner($"{handler.Message} {Message},")
            .Inner($"global::Millrace.{Kind}Context context,")
            .Inner("global::System.Threading.CancellationToken cancellationToken)")
            .Open("");
        foreach (var parameter in handler.Parameters.Where(parameter => parameter.IsAggregate))
        {
            _code
                .Line($"var {Local(handler, parameter)} = await context")
                .Inner(
                    $".{parameter.Form}<{parameter.Type}, {parameter.Id}>({Message}.{Member(parameter)}, "
                        + "cancellationToken)"
                )
                .Inner(".ConfigureAwait(false);");
        }
        var arguments = string.Join(", ", handler.Parameters.Select(parameter => Argument(handler, parameter)));
        if (handler.IsDecided)
            WriteDecision(handler, $"{handler.Container}.Decide({arguments})");
        else
            WriteCall(handler, result, $"{handler.Container}.Handle({arguments})");
        _code.Close();
    }

    private void WriteCall(HandlerModel handler, string result, string call)
    {
        switch (handler.Return)
        {
            case HandlerReturn.Task:
                _code.Line($"await {call}.ConfigureAwait(false);").Line("return default;");
                break;
            case HandlerReturn.TaskOfValue:
                _code.Line($"return await {call}.ConfigureAwait(false);");
                break;
            case HandlerReturn.Nothing:
                _code.Line(call + ";").Line("return default;");
                break;
            default:
                _code.Line(handler.IsAsynchronous ? $"return {call};" : $"return new {result}({call});");
                break;
        }
    }

    private void WriteDecision(HandlerModel handler, string call)
    {
        var decided = handler.Return switch
        {
            HandlerReturn.Events => call,
            HandlerReturn.Event => $"[{call}]",
            _ => $"{call} is {{ }} decided ? [decided] : []",
        };
        var state = handler.Parameters.First(parameter => parameter.Form == HandlerParameterKind.State);
        _code.Line("await context")
            .Inner($".Decide({handler.Container}.Decider, {Message}.{Member(state)}, {Local(handler, state)} => "
                + $"{decided}, cancellationToken)")
            .Inner(".ConfigureAwait(false);")
            .Line("return default;");
    }

    private string Argument(HandlerModel handler, HandlerParameter parameter) => parameter.Form switch
    {
        HandlerParameterKind.Message => Message,
        HandlerParameterKind.Context => "context",
        HandlerParameterKind.Services => "context.Services",
        HandlerParameterKind.CancellationToken => "cancellationToken",
        HandlerParameterKind.Service => $"global::Millrace.HandlerServices.Get<{parameter.Type}>(context.Services, "
            + $"{SimpleName(handler).Literal()}, {parameter.Name.Literal()})",
        HandlerParameterKind.OptionalService => $"{Dependencies}.GetService<{parameter.Type}>(context.Services)",
        _ => Local(handler, parameter),
    };

    private static string Member(HandlerParameter parameter) => Casing.Escaped(parameter.Member ?? "");

    private static string SimpleName(HandlerModel handler) =>
        handler.Message.Substring(handler.Message.LastIndexOfAny(['.', ':']) + 1).TrimStart('@');

    /// <summary>Returns the name of the method that calls a handler.</summary>
    public static string MethodName(JsonNames names, HandlerModel handler) =>
        "Handle" + names.UniqueNameOf(handler.Message);

    private string MethodName(HandlerModel handler) => MethodName(_names, handler);

    /// <summary>
    /// Returns the name of the local for a parameter. It differs from all names in the generated method.
    /// </summary>
    private static string Local(HandlerModel handler, HandlerParameter parameter)
    {
        if (!ReservedNames.Contains(parameter.Name))
            return "@" + parameter.Name;
        var local = parameter.Name + "Aggregate";
        while (handler.Parameters.Any(other => other.Name == local))
            local += "_";
        return local;
    }
}
