namespace Millrace;

/// <summary>The routes of all commands of a store to their handlers, with their shared state.</summary>
internal sealed class CommandRoutes
{
    private readonly TypeTable<CommandRoute> _routes;

    public CommandRoutes(IEnumerable<CommandDefinition> commands, CommandRuntime runtime) =>
        _routes = new(
            MessageTypeLookup.Of(
                commands,
                command => command.CommandType,
                command => command.DerivedTypes,
                command => command.CreateRoute(runtime)));

    /// <exception cref="HandlerNotFoundException">No handler is registered for the command.</exception>
    public CommandDispatch<TResult> Get<TResult>(Type command) =>
        _routes.Find(command) is CommandRoute<TResult> route ? route.Dispatch : NotFound<TResult>(command);

    private static CommandDispatch<TResult> NotFound<TResult>(Type command) =>
        throw new HandlerNotFoundException(command);
}
