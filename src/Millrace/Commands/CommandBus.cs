namespace Millrace;

/// <summary>The command bus of a scope.</summary>
internal sealed class CommandBus(CommandRoutes routes, IServiceProvider services) : ICommandBus
{
    CommandRoutes ICommandBus.Routes => routes;

    IServiceProvider ICommandBus.Services => services;
}
