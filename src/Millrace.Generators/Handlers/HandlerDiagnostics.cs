using Microsoft.CodeAnalysis;

namespace Millrace.Generators.Handlers;

/// <summary>The diagnostics of the handlers of commands and queries.</summary>
internal static class HandlerDiagnostics
{
    public static readonly DiagnosticDescriptor Result = Diagnostics.Error(
        DiagnosticIds.HandlerResult,
        "A handler returns what its command or query promises",
        "'{0}' promises '{1}', but its handler returns '{2}': change one of them; Task and ValueTask of the promised "
            + "type are allowed, and a plain ICommand promises no result");

    public static readonly DiagnosticDescriptor Twice = Diagnostics.Error(
        DiagnosticIds.HandlerTwice,
        "A command or query has one handler",
        "'{0}' has another handler in '{1}': remove one");

    public static readonly DiagnosticDescriptor UnknownAggregate = Diagnostics.Error(
        DiagnosticIds.UnknownAggregate,
        "A handler's aggregate is not an aggregate",
        "'{0}' is not an aggregate with streams: derive it from Aggregate<TId> and mark it [Stream(\"category\")]");

    public static readonly DiagnosticDescriptor NoIdMember = Diagnostics.Error(
        DiagnosticIds.NoIdMember,
        "A command does not identify its aggregate",
        "'{0}' has no member of type '{1}', so the handler cannot determine which '{2}' is meant: add one");

    public static readonly DiagnosticDescriptor ManyIdMembers = Diagnostics.Error(
        DiagnosticIds.ManyIdMembers,
        "A command names several aggregates",
        "'{0}' has several members that could identify the '{1}' of this '{2}': mark the parameter with "
            + "[From(nameof(...))] of {3}");

    public static readonly DiagnosticDescriptor FromMember = Diagnostics.Error(
        DiagnosticIds.FromMember,
        "[From] does not name a matching member",
        "'{0}' has no member '{1}' of type '{2}': name one of: {3}");

    public static readonly DiagnosticDescriptor QueryAggregate = Diagnostics.Error(
        DiagnosticIds.QueryAggregate,
        "A query does not load aggregates",
        "The handler of a query cannot take the aggregate '{0}': read from a read model, such as IReadModel<TKey, "
            + "TDocument>");

    public static readonly DiagnosticDescriptor WrongContext = Diagnostics.Error(
        DiagnosticIds.WrongContext,
        "A command handler takes a CommandContext, a query handler a QueryContext",
        "'{0}' is not the context of this handler: take a {1}");

    public static readonly DiagnosticDescriptor NoMessage = Diagnostics.Error(
        DiagnosticIds.HandlerNoMessage,
        "A handler's first parameter is its command",
        "'{0}' is neither a command nor a query: implement ICommand, ICommand<TResult> or IQuery<TResult>");

    public static readonly DiagnosticDescriptor Hidden = Diagnostics.Error(
        DiagnosticIds.HandlerHidden,
        "A handler must be accessible",
        "The handler of '{0}', its class or the message is private: make it internal or public");

    public static readonly DiagnosticDescriptor ValidateShape = Diagnostics.Error(
        DiagnosticIds.ValidateShape,
        "Validate takes the command and the problems",
        "Validate of '{0}' must be written 'public static void Validate({0} command, ValidationProblems problems)'");

    public static readonly DiagnosticDescriptor MessageNameTwice = Diagnostics.Error(
        DiagnosticIds.MessageNameTwice,
        "Two commands or queries have the same name",
        "'{0}' and '{1}' are both named '{2}': give one of them a [MessageName]");

    public static readonly DiagnosticDescriptor ParameterByReference = Diagnostics.Error(
        DiagnosticIds.ParameterByReference,
        "A handler's parameter is passed by value",
        "The parameter '{0}' of the handler is passed by reference: remove ref, in or out");

    public static readonly DiagnosticDescriptor AsyncVoid = Diagnostics.Error(
        DiagnosticIds.HandlerAsyncVoid,
        "A handler is not async void",
        "No caller can await the 'async void' handler of '{0}', so everything after its first await is lost: return "
            + "'async Task'");

    public static readonly DiagnosticDescriptor NotAwaited = Diagnostics.Warning(
        DiagnosticIds.HandlerForgets,
        "A handler awaits what it starts",
        "The handler of '{0}' starts '{1}' and does not await it, so its errors and effects may be lost: make the "
            + "handler 'async Task' and await it, or return it");
}
