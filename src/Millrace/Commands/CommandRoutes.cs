using System.Collections.Frozen;

namespace Millrace;

/// <summary>All commands' ways to their handlers, with what they share. One for a store.</summary>
internal sealed class CommandRoutes
{
    private readonly FrozenDictionary<Type, CommandRoute> _routes;

    public CommandRoutes(IEnumerable<CommandDefinition> commands, CommandRuntime runtime)
    {
        _routes = commands.ToFrozenDictionary(command => command.CommandType, command => command.CreateRoute(runtime));
    }

    /// <exception cref="HandlerNotFoundException">There is none.</exception>
    public CommandRoute<TResult> Get<TResult>(Type command) =>
        _routes.TryGetValue(command, out var route) && route is CommandRoute<TResult> found
            ? found
            : throw new HandlerNotFoundException(command);
}
