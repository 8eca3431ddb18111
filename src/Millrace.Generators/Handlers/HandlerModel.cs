using Millrace.Generators.Json;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Handlers;

/// <summary>A method that handles a command or a query.</summary>
internal sealed record HandlerModel(
    bool IsQuery,
    string Message,
    string Name,
    string Result,
    string Container,
    EquatableArray<HandlerParameter> Parameters,
    HandlerReturn Return,
    bool HasValidate,
    JsonGraph Json,
    JsonGraph ResultJson,
    LocationInfo? Location,
    EquatableArray<DiagnosticInfo> Problems,
    EquatableArray<DiagnosticInfo> Warnings)
{
    /// <summary>Gets the derived types that the message lists. The handler also handles these types.</summary>
    public IEnumerable<string> DerivedTypes => Json.Shapes
        .Where(shape => shape.Listed is not null && shape.Type.Name == Message)
        .SelectMany(shape => shape.Listed!.Variants)
        .Select(variant => variant.Type.Name)
        .Where(type => type != Message);

    /// <summary>
    /// Gets the only aggregate or state of the handler. Null if it has none or several, or if the JSON does not contain
    /// all of the command or answer, which then cannot be sent to another node.
    /// </summary>
    public HandlerParameter? Target =>
        !IsQuery
        && !Json.Shapes.Concat(ResultJson.Shapes).Any(shape => shape.OmitsData)
        && Parameters.Where(parameter => parameter.HasStream).Take(2).ToList() is [{ Member: { } } only]
            ? only
            : null;

    /// <summary>Gets the shape of the message, or null if the message is not an object.</summary>
    public JsonShape? Shape =>
        Json.Shapes.FirstOrDefault(shape =>
            shape.Type.Form == JsonShapeKind.Object && shape.Type.Name == Json.Root?.Name);

    /// <summary>Gets whether the handler is synchronous and takes only the command.</summary>
    public bool IsPlain => !IsQuery && Parameters.Count == 1 && Return is HandlerReturn.Nothing or HandlerReturn.Value;

    public bool IsDecided => Return is HandlerReturn.Events or HandlerReturn.Event or HandlerReturn.EventOrNone;

    public bool IsAsynchronous =>
        IsDecided
        || Return is HandlerReturn.Task or HandlerReturn.TaskOfValue
        || Parameters.Any(parameter => parameter.IsAggregate);
}

/// <summary>The kind of a handler's result.</summary>
internal enum HandlerReturn
{
    Nothing,
    Value,
    Task,
    TaskOfValue,

    /// <summary>A decider returns several events.</summary>
    Events,

    /// <summary>A decider returns one event.</summary>
    Event,

    /// <summary>A decider returns one event or none.</summary>
    EventOrNone,
}

/// <summary>The source of a handler's parameter.</summary>
internal enum HandlerParameterKind
{
    Message,
    Load,
    New,
    LoadOrNew,
    State,
    Context,
    Services,
    CancellationToken,
    Service,
    OptionalService,
}

/// <summary>A parameter of a handler.</summary>
/// <param name="Name">The name.</param>
/// <param name="Type">The full name of its type.</param>
/// <param name="Form">The source of its value.</param>
/// <param name="Id">The full name of the aggregate's id type.</param>
/// <param name="Member">The member of the command that contains the id.</param>
/// <param name="Category">The category of the aggregate's streams.</param>
internal sealed record HandlerParameter(
    string Name,
    string Type,
    HandlerParameterKind Form,
    string? Id = null,
    string? Member = null,
    string? Category = null)
{
    public bool HasStream => IsAggregate || Form is HandlerParameterKind.State;

    public bool IsAggregate =>
        Form is HandlerParameterKind.Load or HandlerParameterKind.New or HandlerParameterKind.LoadOrNew;
}
