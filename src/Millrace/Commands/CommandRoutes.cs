using System.Runtime.CompilerServices;

namespace Millrace;

/// <summary>All commands' ways to their handlers, with what they share. One for a store.</summary>
internal sealed class CommandRoutes
{
    private readonly CommandRouteTable _routes;

    public CommandRoutes(IEnumerable<CommandDefinition> commands, CommandRuntime runtime)
    {
        _routes = new CommandRouteTable(commands.Select(command => (command.CommandType, command.CreateRoute(runtime))));
    }

    /// <exception cref="HandlerNotFoundException">There is none.</exception>
    public CommandRoute<TResult> Get<TResult>(Type command) =>
        _routes.Find(command) is { } route && route.ResultType == typeof(TResult)
            ? Unsafe.As<CommandRoute<TResult>>(route) // Every route with this type of answer is one: only that class derives from CommandRoute.
            : throw new HandlerNotFoundException(command);
}
